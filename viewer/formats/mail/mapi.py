"""What Outlook's properties say of a message: the same in .msg files and in winmail.dat.

Numbers and meanings of the properties: MS-OXPROPS.
"""

import codecs
from collections.abc import Sequence
from datetime import datetime

from viewer.errors import Corrupt, Problem
from viewer.formats.charsets import decode_html
from viewer.formats.mail import rtf
from viewer.formats.mail.addresses import format_address, split_addresses
from viewer.formats.mail.message import Attachment, Message, one_line
from viewer.formats.mail.outlook_items import Properties, from_filetime, is_message, item_details
from viewer.formats.mime_headers import parse_date, parse_headers

_SUBJECT, _SUBMITTED, _DELIVERED = 0x0037, 0x0039, 0x0E06
_SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS = 0x0C1A, 0x5D01, 0x0C1F
_FROM_NAME, _FROM_SMTP, _FROM_ADDRESS = 0x0042, 0x5D02, 0x0065
_SHOWN_TO, _SHOWN_CC, _SHOWN_BCC = 0x0E04, 0x0E03, 0x0E02
_HEADERS, _CLASS = 0x007D, 0x001A
_BODY, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_RECIPIENT_TYPE, _NAME, _SMTP, _ADDRESS = 0x0C15, 0x3001, 0x39FE, 0x3003
_INTERNET_CODEPAGE, _MESSAGE_CODEPAGE = 0x3FDE, 0x3FFD
_LONG_NAME, _SHORT_NAME, _MEDIA_TYPE = 0x3707, 0x3704, 0x370E
_CONTENT_ID, _LOCATION = 0x3712, 0x3713
_TO, _CC, _BCC = 1, 2, 3
_SMIME = ("ipm.note.smime", "ipm.note.secure", "report.ipm.note.smime")
"""What the classes of messages that are signed or encrypted begin with."""
_REPORT_TEXT = 0x1001


def read_message(
    properties: Properties, recipients: Sequence[Properties], attachments: Sequence[Attachment]
) -> Message:
    """The message that MAPI properties describe."""
    html, text, rich = _bodies(properties)
    return Message(
        sender=_sender(properties),
        to=_recipients(recipients, _TO) or split_addresses(properties.text(_SHOWN_TO)),
        cc=_recipients(recipients, _CC) or split_addresses(properties.text(_SHOWN_CC)),
        bcc=_recipients(recipients, _BCC) or split_addresses(properties.text(_SHOWN_BCC)),
        sent=_sent(properties),
        subject=one_line(properties.text(_SUBJECT)),
        html=html,
        text=text,
        rtf=rich,
        attachments=tuple(attachments),
        details=item_details(properties, recipients),
        is_message=is_message(properties),
    )


def is_smime(properties: Properties) -> bool:
    """Whether the message is S/MIME: then all of it is in its only attachment."""
    return properties.text(_CLASS).lower().startswith(_SMIME)


def encoding_of(properties: Properties) -> str:
    """Python's name of the encoding of texts that are not Unicode."""
    for number in (_MESSAGE_CODEPAGE, _INTERNET_CODEPAGE):
        encoding = python_encoding(properties.integer(number))
        if encoding:
            return encoding
    return "cp1252"


def attachment_names(properties: Properties) -> tuple[str, str, frozenset[str]]:
    """An attachment's name, media type, and what the body may call it."""
    name = properties.text(_LONG_NAME) or properties.text(_SHORT_NAME) or properties.text(_NAME)
    identity = (properties.text(_CONTENT_ID).strip("<>"), properties.text(_LOCATION))
    return name, properties.text(_MEDIA_TYPE).lower(), frozenset(one for one in identity if one)


def python_encoding(codepage: int | None) -> str | None:
    """Python's name of one of Windows' code pages; None where it has none."""
    names = {65001: "utf-8", 1200: "utf-16-le", 20127: "cp1252", 28591: "cp1252"}
    if not codepage:
        return None
    name = names.get(codepage) or (
        f"iso8859-{codepage - 28590}" if 28590 < codepage < 28607 else f"cp{codepage}"  # noqa: PLR2004 - Windows' numbers
    )
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _bodies(properties: Properties) -> tuple[str | None, str | None, bytes | None]:
    """The bodies as HTML, plain text and RTF; HTML that the RTF encapsulates comes as HTML."""
    raw, text = properties.binary(_HTML), properties.text(_BODY) or properties.text(_REPORT_TEXT) or None
    charset = python_encoding(properties.integer(_INTERNET_CODEPAGE)) or ""
    html = decode_html(raw, charset) if raw else properties.text(_HTML)
    packed = properties.binary(_RTF)
    if html.strip() or not packed:
        return html or None, text, None
    try:
        rich = rtf.decompress(packed)
        original = rtf.deencapsulate(rich)
    except Problem:
        if text is None:
            raise
        return None, text, None
    if original is None:
        return None, text, rich
    return original.html, text or original.text, None


def _sender(properties: Properties) -> str:
    """The sender; where somebody sent it on behalf of another person, both."""
    on_behalf = format_address(
        properties.text(_FROM_NAME), properties.text(_FROM_SMTP) or _mailbox(properties, _FROM_ADDRESS)
    )
    sender = format_address(
        properties.text(_SENDER_NAME), properties.text(_SENDER_SMTP) or _mailbox(properties, _SENDER_ADDRESS)
    )
    if on_behalf and properties.text(_FROM_NAME) != properties.text(_SENDER_NAME) and sender:
        return f"{on_behalf}, sent by {sender}"
    return sender or on_behalf


def _mailbox(properties: Properties, number: int) -> str:
    """An e-mail address; an empty string for Exchange's internal addresses, which mean nothing to readers."""
    address = properties.text(number)
    return address if "@" in address and not address.startswith("/") else ""


def _recipients(recipients: Sequence[Properties], kind: int) -> tuple[str, ...]:
    found = (
        format_address(one.text(_NAME), one.text(_SMTP) or _mailbox(one, _ADDRESS))
        for one in recipients
        if (one.integer(_RECIPIENT_TYPE) or _TO) & 0xF == kind
    )
    return tuple(line for line in found if line)


def _sent(properties: Properties) -> datetime | None:
    """When it was sent: in the sender's zone where the headers are there, else in UTC."""
    headers = properties.text(_HEADERS)
    if headers:
        try:
            sent = parse_date(str(parse_headers(headers.encode(errors="replace"))[0].get("Date", "")))
        except Corrupt:
            sent = None
        if sent:
            return sent
    return from_filetime(properties.integer(_SUBMITTED) or properties.integer(_DELIVERED))
