"""Formats of dates that follow the reader's country, though a file spells them out as Americans have them.

Programs in the United States save their short date as ``m/d/yyyy``; Excel takes the very words for its own
short date, everywhere. One that names a country, such as ``[$-409]m/d/yyyy``, stays as it is.
"""

import re

SHORT_DATE, SHORT_DATE_AND_TIME = 14, 22
"""Excel's numbers of the formats that follow the country (ECMA-376 part 1, 18.8.30)."""
_SPELT = {
    **dict.fromkeys(("m/d/yyyy", "m/d/yy"), SHORT_DATE),
    **dict.fromkeys(("m/d/yyyy h:mm", "m/d/yy h:mm"), SHORT_DATE_AND_TIME),
}
_FORMAT = re.compile(rb"<(?:\w{1,32}:)?numFmt\s[^<>]{0,2000}>")
_NUMBER = re.compile(rb"""\snumFmtId=["'](\d{1,9})["']""")
_CODE = re.compile(rb"""\sformatCode=(?:"([^"<]*)"|'([^'<]*)')""")
_CELL_FORMAT = re.compile(rb"(<(?:\w{1,32}:)?xf\s[^<>]{0,2000}?\bnumFmtId=[\"'])(\d{1,9})(?=[\"'])")
MARKS = (b"m/d/yy",)


def local_format(code: str) -> int | None:
    """The number of the format that follows the country, where the code stands for it."""
    return _SPELT.get(code.replace("\\", "").lower())


class DateStyles:
    """Goes through the styles of Excel's XML."""

    left_out = 0

    def __init__(self, styles: bytes) -> None:
        """Nothing is changed yet."""
        self._styles = styles

    def transformed(self) -> bytes:
        """The styles, in which such formats are those of the reader's country."""
        numbers: dict[bytes, bytes] = {}
        for tag in _FORMAT.findall(self._styles):
            number, code = _NUMBER.search(tag), _CODE.search(tag)
            known = local_format((code[1] or code[2] or b"").decode("latin-1")) if code else None
            if number and known:
                numbers[number[1]] = str(known).encode()
        return _CELL_FORMAT.sub(lambda xf: xf[1] + numbers.get(xf[2], xf[2]), self._styles)
