"""Kinds of messages, calendars and contacts, recognised by their first bytes."""

from viewer.formats.document import Kind
from viewer.formats.mail.cms import CMS_START, plain_bytes
from viewer.formats.ole import OleFile
from viewer.formats.raw_headers import field_names, field_value, find_headers, is_mailbox

EML = Kind("eml", "E-mail")
MSG = Kind("msg", "E-mail (Outlook)")
TNEF = Kind("tnef", "E-mail (winmail.dat)")
MBOX = Kind("mbox", "Mailbox")
P7M = Kind("p7m", "Signed message")
ICS = Kind("ics", "Calendar entry")
VCF = Kind("vcf", "Contact")

TNEF_START = b"\x78\x9f\x3e\x22"
PROPERTIES = "__properties_version1.0"
"""The stream that every message, recipient and attachment of Outlook's has."""
STREAM_PREFIX = "__substg1.0_"
"""What the names of the other streams begin with."""
_ON_THE_WAY = frozenset({b"received", b"return-path", b"message-id", b"delivered-to", b"dkim-signature"})
"""Headers that servers write."""
_BY_PEOPLE = frozenset({b"to", b"cc", b"bcc", b"subject", b"date", b"reply-to", b"mime-version"})


def message_kind(head: bytes) -> Kind | None:
    """The kind of message, calendar or contact file; None for anything else.

    A text that begins with `From:` is not a message by that alone: it takes a server's header, or an address
    in `From` and one more header that belongs to it.
    """
    if head.startswith(TNEF_START):
        return TNEF
    if CMS_START.match(plain_bytes(head[:512])):
        return P7M
    beginning = head[:64].removeprefix(b"\xef\xbb\xbf").lstrip().upper()
    if beginning.startswith(b"BEGIN:VCALENDAR"):
        return ICS
    if beginning.startswith(b"BEGIN:VCARD"):
        return VCF
    found = find_headers(head)
    names = field_names(found)
    written = b"from" in names and b"@" in field_value(found, b"from") and names & _BY_PEOPLE
    travelled = names & _ON_THE_WAY and names & (_BY_PEOPLE | {b"from"})
    typed = {b"mime-version", b"content-type"} <= names and names & {b"to", b"subject", b"date"}
    if written or travelled or typed:
        return MBOX if is_mailbox(head) else EML
    return None


def is_message(ole: OleFile) -> bool:
    """Whether an OLE file is a message itself, rather than a document with a message in it."""
    top = {path[0] for path in ole.listdir(streams=True, storages=False) if len(path) == 1}
    return PROPERTIES in top and any(name.startswith(STREAM_PREFIX) for name in top)
