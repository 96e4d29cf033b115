"""Decodes text and HTML of messages and web pages in the encoding that fits, whatever they declare."""

import codecs
import re

from viewer.errors import Corrupt
from viewer.formats.decoding import decode

_SAID_OUT_OF_HABIT = frozenset({"", "us-ascii", "ascii", "iso-8859-1", "latin1"})
_WESTERN = _SAID_OUT_OF_HABIT | {"windows-1252", "cp1252", "iso-8859-15", "latin-1"}
"""Charsets that programs name by default: a charset that the HTML names itself is likelier."""
_OTHER_NAMES = {
    "iso-8859-8-i": "iso-8859-8", "windows-874": "cp874", "x-sjis": "shift_jis", "x-gbk": "gbk",
    "x-mac-roman": "mac-roman", "unicode-1-1-utf-7": "utf-7", "cp-850": "cp850", "x-user-defined": "",
}  # fmt: skip
"""Python's names of charsets that messages call otherwise."""
_IN_HTML = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE
)
_IN_HTML_WITHIN = 4096
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
"""Encodings of Python that no message uses; some take hours for a long text."""


def decode_html(page: bytes, charset: str = "") -> str:
    """HTML as text: in the encoding that the message names, else in the one that it names itself.

    Args:
        page: HTML.
        charset: what the message around it says; the names that are written for lack of anything better do
            not count against the page's own.
    """
    found = _IN_HTML.search(page, 0, _IN_HTML_WITHIN)
    own = found[1].decode().lower() if found else ""
    if own and charset.lower() in _WESTERN and not own.startswith("utf-16"):  # it was read byte by byte
        charset = own
    return decode_text(page, charset)


def decode_text(body: bytes, charset: str) -> str:
    """The text, in the declared encoding where the bytes are in it, else in the likeliest one."""
    charset = _OTHER_NAMES.get(charset.lower(), charset)
    if charset.lower() in _WESTERN and not body.isascii():
        try:
            return body.decode("utf-8-sig")  # no other text looks like it
        except UnicodeDecodeError:
            pass
    if charset.lower() not in _SAID_OUT_OF_HABIT and is_charset(charset):
        try:
            return body.decode(charset)
        except (LookupError, ValueError):
            pass
    try:
        return decode(body)
    except Corrupt:
        return body.decode("cp1252", errors="replace")


def is_charset(name: str) -> bool:
    """Whether Python knows the encoding, and messages can be written in it."""
    try:
        return codecs.lookup(name).name not in _NO_CHARSETS
    except (LookupError, ValueError):  # unknown, or with a zero in it
        return False
