"""Messages as they travel, in Outlook's wrapping (TNEF), and what is inside them (RTF)."""

import struct
from functools import cache

from compressed_rtf.crc32 import crc32

from tests.hostile.cases import KB, MB, filled, worst

_HEAD = b"From: a@b.test\r\nTo: b@b.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
_HEADERS = 500 * KB
_FOREIGN = bytes(0xA1 + (number * number + number // 7) % 94 for number in range(4 * KB))
_TEXT8, _TEXT, _BINARY = 0x1E, 0x1F, 0x102


def _multipart(parts: list[bytes], head: bytes = _HEAD) -> bytes:
    body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts)
    return head + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + body + b"--x--\r\n"


@worst("eml")
def mail_of_parameters() -> bytes:
    """Six megabytes of parameters: to split a header at its semicolons takes the square of its length."""
    part = b"Content-Type: text/plain; " + filled(b'a="', 300) + filled(b'";', 15 * KB) + b"\r\n\r\nx"
    return _multipart([part] * 390)


@worst("eml")
def mail_of_open_parameters() -> bytes:
    """The same with a quotation mark that never closes."""
    part = b'Content-Type: text/plain; a="' + filled(b";", 16000) + b"\r\n\r\nx"
    return _multipart([part] * 390)


@worst("eml")
def mail_of_numbered_parameters() -> bytes:
    """Parameters in numbered pieces (RFC 2231), hundreds in each of 390 parts."""
    pieces = b"".join(b";name*%d*=a" % number for number in range(1100))
    return _multipart([b"Content-Type: text/plain" + pieces + b"\r\n\r\nx"] * 390)


@worst("eml")
def mail_of_quoted_addresses() -> bytes:
    """A line of addresses that is all quotation marks behind backslashes."""
    return b"From: a@b.test\r\nTo: " + filled(b'\\"', _HEADERS) + b"\r\nDate: x\r\n\r\nx"


@worst("eml")
def mail_of_long_addresses() -> bytes:
    """Addresses of twenty thousand characters, each of quotation marks that close nothing."""
    address = filled(b'\\"', 19_990) + b","
    return b"From: a@b.test\r\nTo: " + address * 25 + b"\r\nDate: x\r\n\r\nx"


@worst("eml")
def mail_of_brackets() -> bytes:
    """A line of addresses of open angle brackets."""
    return b"From: a@b.test\r\nTo: " + filled(b"<" + b"a" * 999, _HEADERS) + b"\r\nDate: x\r\n\r\nx"


@worst("eml")
def mail_of_encoded_words() -> bytes:
    """A subject of encoded words that never end."""
    return b"From: a@b.test\r\nTo: b@b.test\r\nSubject: " + filled(b"=?a?q?", 400 * KB) + b"\r\n\r\nx"


@worst("eml")
def mail_of_header_lines() -> bytes:
    """Parts of a hundred thousand header lines, each of them searched through at every question."""
    part = filled(b"a:\r\n", _HEADERS) + b"Content-Type: text/plain\r\n\r\nx"
    return _multipart([part] * 40)


@worst("eml")
def mail_of_a_million_header_lines() -> bytes:
    """Headers that go on for four megabytes."""
    return _HEAD + filled(b"a:\r\n", 4 * MB) + b"\r\nx"


@worst("eml")
def mail_in_no_encoding() -> bytes:
    """Two thousand parts, each in an encoding that has to be guessed."""
    return _multipart([b"Content-Type: text/plain\r\n\r\n" + _FOREIGN] * 1900)


@worst("eml")
def mail_headers_in_no_encoding() -> bytes:
    """Two thousand parts whose headers have to be guessed."""
    return _multipart([b"X: " + _FOREIGN + b"\r\n\r\nx"] * 1900)


@worst("eml")
def mail_in_mails() -> bytes:
    """Multiparts in multiparts as deep as a sender likes."""
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
        for level in range(50_000)
    )
    return _HEAD + opened


@worst("eml")
def mail_of_boundaries() -> bytes:
    """A million boundaries in five megabytes."""
    return _HEAD + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + b"--x\r\n" * MB


@worst("eml")
def mail_of_boundaries_at_all_levels() -> bytes:
    """Multiparts of one boundary's beginnings: each of twenty levels is searched anew."""
    heads = b"".join(
        b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\n'
        % (b"x" * (60 - level), b"x" * (60 - level))
        for level in range(19)
    )
    return (
        _HEAD
        + heads
        + b"Content-Type: text/plain\r\n\r\n"
        + filled(b"\r\n--" + b"x" * 40 + b" " * 500, 20 * MB)
    )


@worst("eml")
def mail_of_line_ends() -> bytes:
    """A text of twenty million line ends, each of which becomes a paragraph."""
    return _HEAD + b"\r\n" + b"a\n" + b"\n" * (20 * MB)


@worst("eml")
def mail_of_tabs() -> bytes:
    """A text of thirty million tabs."""
    return _HEAD + b"\r\na\n" + b"\t" * (30 * MB)


@worst("eml")
def mail_that_names_its_pictures() -> bytes:
    """Four hundred pictures whose names nearly occur in twenty megabytes of HTML, everywhere."""
    html = b"Content-Type: text/html\r\n\r\n<html>" + b"a" * (18 * MB)
    pictures = [
        b"Content-Type: image/gif\r\nContent-ID: <" + b"a" * 60 + b"b%03d>\r\n\r\nx" % number
        for number in range(400)
    ]
    return _multipart([html, *pictures])


@worst("eml")
def mail_of_one_slow_picture() -> bytes:
    """A JPEG picture of forty megabytes of padding before its first piece, shown by the text."""
    html = b'Content-Type: text/html\r\n\r\n<html><img src="cid:a">'
    picture = b"Content-Type: image/jpeg\r\nContent-ID: <a>\r\n\r\n\xff\xd8" + b"\xff" * (40 * MB)
    return _multipart([html, picture])


@worst("eml")
def mail_of_one_picture_of_pieces() -> bytes:
    """A PNG picture of three million empty pieces, shown by the text."""
    html = b'Content-Type: text/html\r\n\r\n<html><img src="cid:a">'
    size = b"\0\0\0\rIHDR" + struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)
    from zlib import crc32 as checksum  # noqa: PLC0415 - the other one here is RTF's

    header = b"\x89PNG\r\n\x1a\n" + size + struct.pack(">I", checksum(size[4:]))
    piece = b"\0\0\0\0zZzZ" + struct.pack(">I", checksum(b"zZzZ"))
    return _multipart(
        [html, b"Content-Type: image/png\r\nContent-ID: <a>\r\n\r\n" + header + piece * (3 * MB)]
    )


@worst("eml")
def mail_with_a_page_of_pictures() -> bytes:
    """HTML of sixteen megabytes of pictures that never close, looked through for what was not fetched."""
    return _HEAD + b"Content-Type: text/html\r\n\r\n<html>" + filled(b"<img ", 16 * MB)


@worst("eml")
def mail_with_a_page_of_blanks() -> bytes:
    """HTML of one picture whose address begins with a megabyte of blanks."""
    return _HEAD + b"Content-Type: text/html\r\n\r\n<html><img src=" + b" " * MB


@worst("eml")
def mail_of_mails() -> bytes:
    """Five hundred attached messages whose subjects have to be guessed."""
    inner = b"Content-Type: message/rfc822\r\n\r\nFrom: a@b.test\r\nSubject: " + _FOREIGN + b"\r\n\r\nx"
    return _multipart([inner] * 490)


@worst("eml")
def mail_of_soft_breaks() -> bytes:
    """Fifty megabytes of quoted-printable."""
    return _HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + filled(b"=3D=\r\n", 50 * MB)


@worst("eml")
def mail_in_base64() -> bytes:
    """Sixty megabytes of base64 with a character of no meaning between all others."""
    return _HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + filled(b"Q.", 60 * MB)


@worst("eml")
def mail_of_headers_on_many_lines() -> bytes:
    """One header that is continued over half a megabyte, a character a line."""
    return b"From: a@b.test\r\nSubject: x\r\nX: " + filled(b"\r\n a", _HEADERS) + b"\r\n\r\nx"


@cache
def _rtf(piece: bytes, blocks: int) -> bytes:
    """Compressed RTF (MS-OXRTFCP) of encapsulated HTML, then the piece of 16 bytes so many times."""
    start = b"{\\rtf1\\ansi\\fromhtml1 ".ljust(32)
    literal = b"".join(b"\0" + (start + piece)[at : at + 8] for at in range(0, 48, 8))
    reference = struct.pack(">H", (207 + 32) << 4 | 14)
    body = literal + (b"\xff" + reference * 8) * (blocks // 8)
    raw = len(start) + 16 * (blocks + 1)
    return struct.pack("<II4sI", len(body) + 12, raw, b"LZFu", crc32(body)) + body


def tnef(attributes: list[tuple[int, int, bytes]]) -> bytes:
    """A winmail.dat of these attributes: level, name, value."""
    written = (
        struct.pack("<BII", level, name, len(value)) + value + b"\0\0" for level, name, value in attributes
    )
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(written)


def _properties(values: dict[int, tuple[int, bytes]]) -> bytes:
    written = (
        struct.pack("<HHII", kind, number, 1, len(value)) + value + b"\0" * (-len(value) % 4)
        for number, (kind, value) in values.items()
    )
    return struct.pack("<I", len(values)) + b"".join(written)


def _message(values: dict[int, tuple[int, bytes]]) -> bytes:
    return tnef([(1, 0x00069003, _properties(values))])


@worst("dat")
def winmail_of_words() -> bytes:
    """Compressed RTF that unpacks to twenty megabytes of control words."""
    return _message({0x1009: (_BINARY, _rtf(b"\\a\\b\\c\\d\\e\\f\\g\\h", 1_300_000))})


@worst("dat")
def winmail_of_groups() -> bytes:
    """Compressed RTF that unpacks to twenty megabytes of empty groups."""
    return _message({0x1009: (_BINARY, _rtf(b"{}" * 8, 1_300_000))})


@worst("dat")
def winmail_of_open_groups() -> bytes:
    """Compressed RTF of groups in one another."""
    return _message({0x1009: (_BINARY, _rtf(b"{" * 16, 160_000))})


@worst("dat")
def winmail_of_addresses() -> bytes:
    """A line of addresses of four megabytes of quotation marks behind backslashes: no header is that long."""
    return _message({0x0E04: (_TEXT8, filled(b'\\"', 4 * MB))})


@worst("dat")
def winmail_of_empty_recipients() -> bytes:
    """Ten million recipients of whom nothing is said."""
    count = 10_000_000
    return tnef([(1, 0x00069004, struct.pack("<I", count) + b"\0\0\0\0" * count)])


@worst("dat")
def winmail_of_attributes() -> bytes:
    """Four million empty attributes."""
    return b"\x78\x9f\x3e\x22\x01\x00" + (struct.pack("<BII", 1, 0x00018004, 0) + b"\0\0") * 4_000_000


@worst("dat")
def winmail_of_a_long_text() -> bytes:
    """A text of twenty megabytes of line ends."""
    return _message({0x1000: (_TEXT8, b"a\n" + b"\n" * (20 * MB))})


@worst("eml")
def mail_of_winmails() -> bytes:
    """Four hundred winmail.dat files in one message, each of a megabyte of words once unpacked."""
    inside = _message({0x1009: (_BINARY, _rtf(b"\\a\\b\\c\\d\\e\\f\\g\\h", 64_000))})
    return _multipart([b"Content-Type: application/ms-tnef\r\n\r\n" + inside] * 400)


@worst("rtf")
def rich_text_of_open_groups() -> bytes:
    """Three million groups in one another, which the office must not see either."""
    return b"{\\rtf1 " + b"{" * (3 * MB)
