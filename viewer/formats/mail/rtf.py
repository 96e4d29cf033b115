r"""Reads compressed RTF bodies of Outlook, most of which encapsulate HTML.

The compression is MS-OXRTFCP. In RTF-encapsulated HTML (MS-OXRTFEX) `\fromhtml1` says that the groups
`\*\htmltag` hold the original mark-up, and `\htmlrtf` marks what is for readers of RTF alone.
"""

import codecs
import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import compressed_rtf

from viewer.errors import Corrupt, TooLarge

MAX_COMPRESSED = 3 * 1024 * 1024
"""The largest compressed body in bytes; it can grow ninefold. Pictures are stored elsewhere."""
MAX_GROUPS = 1000
"""Levels of nested groups."""

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)"
)
_FROM = re.compile(rb"\\from(html1?|text)\b")
_FROM_WITHIN = 1024
_IGNORED = frozenset({b"colortbl", b"stylesheet", b"info", b"pict", b"listtable", b"header", b"footer"})
_WRITTEN = {
    b"par": "\r\n", b"line": "\r\n", b"tab": "\t", b"lquote": "\u2018", b"rquote": "\u2019",
    b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022", b"endash": "\u2013",
    b"emdash": "\u2014",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "\u00ad", b"\n": "\r\n", b"\r": "\r\n"}
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
"""Python's names of what `\\fcharset` means; Western European ones are left to the document's own."""


def decompress(compressed: bytes) -> bytes:
    """The RTF in PidTagRtfCompressed.

    Raises:
        TooLarge: beyond `MAX_COMPRESSED`.
        Corrupt: it does not unpack.
    """
    if len(compressed) > MAX_COMPRESSED:
        raise TooLarge("compressed RTF")
    try:
        return bytes(compressed_rtf.decompress(compressed))
    except Exception as error:  # it raises plain exceptions, and whatever broken bytes lead to
        raise Corrupt("compressed RTF") from error


class Deencapsulated(NamedTuple):
    """The original of an RTF body: either HTML or plain text; the other is None."""

    html: str | None
    text: str | None


def deencapsulate(rtf: bytes) -> Deencapsulated | None:
    """The HTML or plain text that the RTF encapsulates; None where it encapsulates neither.

    Raises:
        TooLarge: beyond `MAX_GROUPS`.
    """
    mark = _FROM.search(rtf, 0, _FROM_WITHIN)
    if mark is None:
        return None
    html = mark[1].startswith(b"html")
    written = _Reader(html=html).read(rtf)
    return Deencapsulated(written, None) if html else Deencapsulated(None, written)


@dataclass(slots=True)
class _Group:
    """The state within one group."""

    ignored: bool = False
    for_rtf: bool = False
    tag: bool = False
    fonts: bool = False
    encoding: str = "cp1252"
    skip: int = 1


@dataclass(slots=True)
class _Reader:
    """Writes the original that an RTF text encapsulates."""

    html: bool
    out: list[str] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)
    stack: list[_Group] = field(default_factory=lambda: [_Group()])
    fonts: dict[int, str] = field(default_factory=dict)
    encoding: str = "cp1252"
    font: int = 0
    starred: bool = False
    to_skip: int = 0

    @property
    def group(self) -> _Group:
        return self.stack[-1]

    def read(self, rtf: bytes) -> str:
        for token in _TOKEN.finditer(rtf):
            word, number, byte, symbol, brace, text = token.groups()
            if brace:
                self._brace(brace)
            elif word:
                self._word(word, int(number) if number else None)
            elif symbol == b"*":
                self.starred = True
            elif byte:
                self._bytes(bytes.fromhex(byte.decode()))
            elif symbol:
                self._symbol(symbol)
            else:
                self._bytes(text)
        self._flush()
        return "".join(self.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self.starred = False
        if brace == b"{":
            if len(self.stack) >= MAX_GROUPS:
                raise TooLarge("groups of RTF")
            self.stack.append(replace(self.group))
        elif len(self.stack) > 1:
            self.stack.pop()

    def _word(self, word: bytes, number: int | None) -> None:
        self._flush()
        starred, self.starred = self.starred, False
        group = self.group
        if starred:
            group.tag = word == b"htmltag" and self.html
            group.ignored = not group.tag
        elif word in _IGNORED:
            group.ignored = True
        elif word == b"htmlrtf":
            group.for_rtf = number != 0
        elif word == b"fonttbl":
            group.fonts = True
        elif word == b"uc":
            group.skip = number or 0
        elif word == b"u" and number is not None:
            self._write(chr(number % 0x10000))
            self.to_skip = group.skip
        elif word in {b"f", b"fcharset", b"ansicpg"} and number is not None:
            self._encoding(word, number)
        else:
            self._write(_WRITTEN.get(word, ""))

    def _encoding(self, word: bytes, number: int) -> None:
        if word == b"ansicpg":
            self.encoding = self.group.encoding = _known(f"cp{number}")
        elif word == b"fcharset":
            self.fonts[self.font] = _CHARSETS.get(number, self.encoding)
        elif self.group.fonts:
            self.font = number
        else:
            self.group.encoding = self.fonts.get(number, self.encoding)

    def _symbol(self, symbol: bytes) -> None:
        if symbol in _SYMBOLS:
            self._flush()
            self._write(_SYMBOLS[symbol])
        else:
            self._bytes(symbol)

    def _bytes(self, text: bytes) -> None:
        skipped = min(self.to_skip, len(text))
        self.to_skip -= skipped
        self.pending += text[skipped:]

    def _flush(self) -> None:
        """Decode the pending bytes: a character may take several."""
        if self.pending:
            encoding = self.encoding if self.group.tag else self.group.encoding
            self._write(self.pending.decode(encoding, errors="replace"))
            self.pending.clear()

    def _write(self, text: str) -> None:
        group = self.group
        if text and not group.ignored and not group.fonts and (group.tag or not group.for_rtf):
            self.out.append(text)


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return "cp1252"
