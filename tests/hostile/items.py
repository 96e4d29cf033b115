"""Mailboxes, signed messages, appointments and contacts, and files written into texts (uuencode)."""

import base64
import zlib

from tests.hostile.cases import KB, MB, filled, worst
from tests.hostile.mails import _HEAD

_SIGNED, _PACKED = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("060b2a864886f70d0109100109")
_DATA = bytes.fromhex("06092a864886f70d010701")
_OPEN = bytes.fromhex("a0803080")
_VCALENDAR = b"BEGIN:VCALENDAR\r\n"


def _signed(content: bytes, digests: bytes = b"\x31\x00") -> bytes:
    """A signed message up to what it signs, all of it in pieces without lengths."""
    return (
        b"\x30\x80"
        + _SIGNED
        + _OPEN
        + b"\x02\x01\x01"
        + digests
        + b"\x30\x80"
        + _DATA
        + b"\xa0\x80"
        + content
    )


@worst("mbox")
def mailbox_of_beginnings() -> bytes:
    """Lines that begin a message and have nothing behind them, a million."""
    return b"From a@b.test Wed Mar  4 16:05:00 2026\nFrom: a@b.test\nTo: b@b.test\n\nx\n" + filled(
        b"\nFrom a 1:11\na:\n", 16 * MB
    )


@worst("mbox")
def mailbox_of_messages() -> bytes:
    """As many messages as are listed, each of twenty kilobytes of header lines."""
    message = b"From a@b.test Wed Mar  4 16:05:00 2026\nFrom: a@b.test\nTo: b@b.test\n" + filled(
        b"a: b\n", 20 * KB
    )
    return (message + b"\n\nx\n\n") * 4_990


@worst("mbox")
def mailbox_of_nearly_beginnings() -> bytes:
    """A message of lines that would begin another, if a header stood behind them."""
    head = b"From a@b.test Wed Mar  4 16:05:00 2026\nFrom: a@b.test\nTo: b@b.test\n\nx\n"
    return head + filled(b"\n" + b"From " + b"a" * 235 + b"\n" + b"b" * 76, 40 * MB)


@worst("mbox")
def mailbox_of_quoted_beginnings() -> bytes:
    """A message of forty megabytes of quoted beginnings, each with all marks that are looked at."""
    head = b"From a@b.test Wed Mar  4 16:05:00 2026\nFrom: a@b.test\nTo: b@b.test\n\nx\n"
    return head * 2 + filled(b">" * 21 + b"From \n", 40 * MB)


@worst("p7m")
def signed_message_of_pieces() -> bytes:
    """What is signed comes in as many pieces as fit into thirty megabytes, each a byte."""
    return _signed(b"\x24\x80" + b"\x04\x01a" * (10 * MB))


@worst("p7m")
def signed_message_of_pieces_in_pieces() -> bytes:
    """Pieces in one another, none of which has a length."""
    return _signed(b"\x24\x80" * (10 * MB))


@worst("p7m")
def signed_message_of_open_members() -> bytes:
    """The list of digests, which is passed over, opens a member in each of its members."""
    return _signed(b"\x04\x01a", digests=b"\x31\x80" + b"\x30\x80" * (10 * MB))


@worst("p7m")
def packed_message_that_unpacks_to_gigabytes() -> bytes:
    """A message that is packed a thousand times over (RFC 3274)."""
    packed = zlib.compress(bytes(900 * MB), 9)
    content = b"\x04\x84" + len(packed).to_bytes(4, "big") + packed
    return (
        b"\x30\x80"
        + _PACKED
        + _OPEN
        + b"\x02\x01\x00"
        + b"\x30\x00"
        + b"\x30\x80"
        + _DATA
        + b"\xa0\x80"
        + content
    )


@worst("p7m")
def signed_message_in_letters() -> bytes:
    """A signed message as letters, with thirty megabytes of blanks among them."""
    return b"-----BEGIN PKCS7-----\n" + base64.b64encode(_signed(b"\x04\x01a")) + b"\n " * (15 * MB)


@worst("eml")
def mail_of_signed_messages() -> bytes:
    """A signed message in a signed message, as deep as eight megabytes go."""
    body = b"Content-Type: text/plain\r\n\r\nx"
    head = b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\r\n"
    for _ in range(300):
        body = head + _signed(b"\x04\x84" + len(body).to_bytes(4, "big") + body)
    return _HEAD + body + bytes(8 * MB)


@worst("eml")
def mail_of_beginnings_of_files() -> bytes:
    """Twenty megabytes of lines that begin a file, one without data after the other."""
    return _HEAD + b"\r\n" + filled(b"begin 644 a\r\n", 20 * MB)


@worst("eml")
def mail_of_small_files() -> bytes:
    """Files of one line each in the text, a million."""
    return _HEAD + b"\r\n" + filled(b"begin 644 a\n#86)C\n`\nend\n", 20 * MB)


@worst("eml")
def mail_of_nearly_files() -> bytes:
    """A file in the text whose lines are all data, and that never ends."""
    return _HEAD + b"\r\nbegin 644 a\r\n" + filled(b"#86)C\r\n", 30 * MB)


@worst("ics")
def calendar_of_folds() -> bytes:
    """One line of a calendar, folded ten million times."""
    return _VCALENDAR + b"BEGIN:VEVENT\r\nSUMMARY:" + b"a\r\n " * (10 * MB)


@worst("ics")
def calendar_of_events() -> bytes:
    """As many events as the lines that are read allow, each in a zone with fifty rules of its own."""
    rule = (
        b"BEGIN:STANDARD\r\nDTSTART:16010101T020000\r\nTZOFFSETTO:-0500\r\n"
        b"RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\nEND:STANDARD\r\n"
    )
    zone = b"BEGIN:VTIMEZONE\r\nTZID:x\r\n" + rule * 50 + b"END:VTIMEZONE\r\n"
    event = b"BEGIN:VEVENT\r\nDTSTART;TZID=x:20260304T100000\r\nEND:VEVENT\r\n"
    return _VCALENDAR + zone + event * 65_000 + b"END:VCALENDAR\r\n"


@worst("ics")
def calendar_of_parameters() -> bytes:
    """Properties of as many parameters as are read, none of which ends as it should."""
    line = b"ATTENDEE" + filled(b';a="b"c', 39_000) + b"\r\n"
    return _VCALENDAR + b"BEGIN:VEVENT\r\n" + line * 500 + b"END:VEVENT\r\nEND:VCALENDAR\r\n"


@worst("ics")
def calendar_of_calendars() -> bytes:
    """Entries in one another, two hundred thousand."""
    return _VCALENDAR + b"BEGIN:VEVENT\r\n" * 199_000


@worst("vcf")
def contacts_of_telephones() -> bytes:
    """A contact of as many telephones as lines are read, each of twenty thousand characters of types."""
    line = b"TEL;TYPE=" + filled(b"a,", 2000) + b":1\r\n"
    return b"BEGIN:VCARD\r\nVERSION:2.1\r\n" + line * 10_000 + b"END:VCARD\r\n"


@worst("vcf")
def contacts_of_equal_signs() -> bytes:
    """Contacts in quoted-printable whose lines go on for ever."""
    return b"BEGIN:VCARD\r\nN;ENCODING=QUOTED-PRINTABLE:" + b"=\r\n" * (8 * MB)
