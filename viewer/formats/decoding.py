"""Decodes bytes in any encoding to text; a wrong byte costs one character and no more."""

import codecs
import re
from typing import NamedTuple

from charset_normalizer import from_bytes

from viewer.errors import Corrupt

INCOMPLETE = "This text ends within a letter: the file was cut short, and its end is missing."
_UNSEEN = "{count} in this text cannot be shown. Each has the sign \ufffd in its place."
_WRONG = (
    "{count} in this text in another encoding than the rest. "
    "The letters there may be wrong, or have the sign \ufffd in their place."
)
_GUESSED = (
    "This text does not say how its letters are encoded. "
    "It was read as {encoding}: some letters may be wrong."
)

_SAMPLE = 64 * 1024
"""Bytes from which the encoding is guessed where nothing else tells."""
_USUAL = "cp1252"
"""What Windows programs in the UK wrote when they wrote no Unicode."""
_GUESS_FROM = 8
"""Bytes beyond ASCII; guessing takes a pound sign alone for Chinese."""
_FOREIGN_SHARE = 0.3
"""Text in Latin letters has fewer bytes beyond ASCII than this; Greek, Cyrillic or Chinese has more."""
_SURE = 0.9
"""The share of letters that must fit a language for its code page to be believed without a word."""
_MAX_WRONG = 0.1
"""The share of wrong units beyond which what a mark promises is not text at all."""
_FEW = 8
_FALLBACK = "in the usual code page"
_ASCII = bytes(range(0x80))

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xef\xbb\xbf", "utf-8"),
)
"""Byte-order marks (Unicode 16, section 23.8), the longer of two that begin alike first."""
_WIDE = (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1))
"""Encodings whose letters have several bytes each, and in which of them that of an ASCII letter stands."""
_LEAST_UNITS, _LEAST_ASCII = 4, 0.1
"""Blanks, digits and full stops alone make a tenth of any text."""

_IN_UTF_8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
"""A letter beyond ASCII (RFC 3629, section 4)."""
_PARTIAL = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
"""The beginning of one, at the end of the file."""
_SURELY_PARTIAL = re.compile(rb"(?:[\xc2-\xc5]|[\xe0-\xf4][\x80-\xbf]{1,2})\Z")
"""One that is hardly the end of a text in a Windows code page."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_PADDING = "\x00\x1a"
"""What DOS programs put at the end of a text."""
_SYMBOLS = frozenset(
    "£€§°·•…–—‘’“”„†™©®±×÷²³½¼¾µ«»\xa0\xad─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬░▒▓█■"  # noqa: RUF001 - signs of any text
)
_MISPLACED = re.compile(
    r"(?<=[a-z])[£¿¡«„À-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĻŁŃŅŇŐŖŘŚŞŠŢŤŪŮŰŲŹŻŽ]"
    r"|£(?=[^\W\d_])|(?<![mM\d])³|³(?=\w)|(?<=\w)[│║░▒▓█■─═]"
)
"""Signs and capitals where no language has them, such as within a word."""

_WESTERN = (
    "àâæçéèêëîïôœùûüÿ",
    "äöüß",
    "áéíñóúü¿¡ºª",
    "ãõâêôàáéíóúçºª",
    "àèéìíòóùú",
    "åäöæøé",
    "éëïêèöüçâîôñáíóú",
    "âêîôûŵŷàèìòùáéíóúäëïöü",
)
"""French, German, Spanish, Portuguese, Italian, the Scandinavian ones, English and Dutch, Welsh."""
_ENGLISH = _WESTERN[6]
_CENTRAL = (
    "ąćęłńóśźż",
    "áčďéěíňóřšťúůýž",
    "áäčďéíĺľňóôŕšťúýž",
    "áéíóöőúüű",
    "ăâîşţ",
    "čćđšž",
)
"""Polish, Czech, Slovak, Hungarian, Romanian, and Croatian with its neighbours."""
_TURKISH = ("çğıi̇öşüâîû",)  # noqa: RUF001 - a letter of its own
_CODE_PAGES = (
    ("cp1252", _WESTERN, "Western European (Windows-1252)"),
    ("cp1254", _TURKISH, "Turkish (Windows-1254)"),
    ("cp1252", ("áéíóúýþæðö",), "Western European (Windows-1252)"),  # Icelandic
    ("cp1250", _CENTRAL, "Central European (Windows-1250)"),
    ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž", "õäöüšž"), "Baltic (Windows-1257)"),
    ("iso8859_2", _CENTRAL, "Central European (ISO 8859-2)"),
    ("cp850", _WESTERN, "Western European (DOS code page 850)"),
    ("cp852", _CENTRAL, "Central European (DOS code page 852)"),
    ("cp857", _TURKISH, "Turkish (DOS code page 857)"),
    ("mac_roman", _WESTERN, "Western European (Macintosh)"),
)
"""Code pages of Latin letters, the likeliest first, with the letters beyond ASCII of their languages."""
_NAMES = {encoding: name for encoding, _, name in _CODE_PAGES}


class Decoded(NamedTuple):
    """A text.

    Args:
        text: without the byte-order mark, and without what DOS programs put at its end.
        notes: sentences on letters that are missing or may be wrong.
    """

    text: str
    notes: tuple[str, ...] = ()

    @property
    def is_truncated(self) -> bool:
        """Whether it ends within a letter."""
        return INCOMPLETE in self.notes


def decode(body: bytes) -> str:
    """The text alone; see `decoded`."""
    return decoded(body).text


def decoded(body: bytes) -> Decoded:
    """The text: by its mark, as Unicode where it is that, else by the code page that its letters fit best.

    Raises:
        Corrupt: a byte-order mark promises text, and the bytes are none.
    """
    marked = next(((mark, encoding) for mark, encoding in _MARKS if body.startswith(mark)), None)
    if marked:
        return _without_control_characters(*_decode_unicode(body[len(marked[0]) :], marked[1]))
    encoding = wide_encoding(body)
    if encoding or _is_utf_8(body):
        return _without_control_characters(*_decode_unicode(body, encoding or "utf-8"))
    return _without_control_characters(*_decode_by_code_page(body))


def wide_encoding(body: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte-order mark, by where the zeros stand; None for anything else.

    Args:
        body: its first bytes are enough.
    """
    sample = body[:_SAMPLE]
    for encoding, width, place in _WIDE:
        units = len(sample) // width
        columns = [sample[at : units * width : width] for at in range(width)]
        zeros = [column.count(0) for column in columns]
        ascii_letters = min(count for at, count in enumerate(zeros) if at != place) if units else 0
        if units < _LEAST_UNITS or ascii_letters < units * _LEAST_ASCII or zeros[place] > units / 100:
            continue
        text = sample[: units * width].decode(encoding, "replace")
        if sum(not char.isprintable() and not char.isspace() for char in text) <= len(text) / 100 + 1:
            return encoding
    return None


def _decode_unicode(body: bytes, encoding: str) -> tuple[str, list[str]]:
    """Raises `Corrupt` where hardly anything is in this encoding."""
    if encoding == "utf-8":
        return _decode_utf_8(body)
    width = 4 if "32" in encoding else 2
    text = body[: len(body) // width * width].decode(encoding, "replace")
    wrong = text.count("\ufffd")
    if wrong > max(_FEW, len(text) * _MAX_WRONG):
        raise Corrupt("not in the encoding that its mark promises")
    notes = [_WRONG.format(count=_count(wrong, "letter is", "letters are"))] if wrong else []
    return text, [*notes, INCOMPLETE] if len(body) % width else notes


def _is_utf_8(body: bytes) -> bool:
    """Whether it is UTF-8 all through, or has more letters in it than bytes that are wrong."""
    if _is_valid(body):
        return True
    rest, right = _IN_UTF_8.subn(b"", _PARTIAL.sub(b"", body))
    wrong = len(rest.translate(None, _ASCII))
    return right > wrong or (not wrong and bool(_SURELY_PARTIAL.search(body)))


def _decode_utf_8(body: bytes) -> tuple[str, list[str]]:
    whole = _PARTIAL.sub(b"", body)
    notes = [INCOMPLETE] if whole != body else []
    wrong = len(_IN_UTF_8.sub(b"", whole).translate(None, _ASCII)) if not _is_valid(whole) else 0
    if wrong:
        notes.insert(0, _WRONG.format(count=_count(wrong, "letter is", "letters are")))
    return whole.decode("utf-8", _FALLBACK), notes


def _is_valid(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decode_as_usual(error: UnicodeError) -> tuple[str, int]:
    """What bytes that are no UTF-8 say in the usual code page, and where reading goes on."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode(_USUAL, "replace"), error.end


codecs.register_error(_FALLBACK, _decode_as_usual)


def _decode_by_code_page(body: bytes) -> tuple[str, list[str]]:
    encoding, is_sure = _guess_encoding(body[:_SAMPLE])
    text = body.decode(encoding, "replace")
    name = _NAMES.get(encoding, encoding)
    return text, [] if is_sure else [_GUESSED.format(encoding=name)]


def _guess_encoding(sample: bytes) -> tuple[str, bool]:
    """The encoding, and whether it may go without a word: only what people here usually wrote may."""
    foreign = len(sample.translate(None, _ASCII))
    if foreign >= max(_GUESS_FROM, len(sample) * _FOREIGN_SHARE):
        guess = from_bytes(sample).best()
        return (guess.encoding, False) if guess else (_USUAL, False)
    usual = sample.decode(_USUAL, "replace")
    if _is_english(usual):
        return _USUAL, True
    fits = [
        (_fit(sample.decode(encoding, "replace"), letters), encoding) for encoding, letters, _ in _CODE_PAGES
    ]
    best = max(fits)[0]
    readings: dict[str, str] = {}
    for fit, encoding in fits:
        if fit == best:
            readings.setdefault(sample.decode(encoding, "replace"), encoding)
    chosen = _choose_by_language(sample, list(readings.values()))
    return chosen, chosen == _USUAL and best >= _SURE


def _choose_by_language(sample: bytes, among: list[str]) -> str:
    """Of encodings that fit alike the one whose text reads most like a language."""
    matches = list(from_bytes(sample, cp_isolation=among)) if len(among) > 1 else []
    known = [match for match in matches if match.encoding in among]
    return (
        max(known, key=lambda match: match.coherence).encoding
        if any(m.coherence for m in known)
        else among[0]
    )


def _is_english(text: str) -> bool:
    """Whether no letter beyond ASCII is in it but those that English texts have too."""
    if _MISPLACED.search(text):
        return False
    return all(ord(char) < 0x80 or char in _SYMBOLS or char in _ENGLISH for char in text.lower())  # noqa: PLR2004 - ASCII


def _fit(text: str, languages: tuple[str, ...]) -> float:
    """The share of signs beyond ASCII that a text in the one of the languages that fits best would have."""
    foreign = [char for char in text.lower() if ord(char) >= 0x80]  # noqa: PLR2004 - ASCII
    if not foreign:
        return 1.0
    misplaced = len(_MISPLACED.findall(text))
    return max(
        (sum(char in letters or char in _SYMBOLS for char in foreign) - misplaced) / len(foreign)
        for letters in languages
    )


def _without_control_characters(text: str, notes: list[str]) -> Decoded:
    """Without control characters, which say nothing on a page; each leaves a sign."""
    shown, count = _CONTROL.subn("\ufffd", text.rstrip(_PADDING))
    if count:
        notes.append(_UNSEEN.format(count=_count(count, "character", "characters")))
    return Decoded(shown, tuple(notes))


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"
