"""Cells whose formulas say another thing at each opening: the formula goes, its saved value stays.

TODAY and its kin would show the day of the conversion, and CELL and INFO the converter's own file. Whatever
is computed from them keeps its saved value too: the office computes anew only what depends on a change.
"""

import re

_NAMES = rb"(?:TODAY|NOW|RAND|RANDBETWEEN|CELL|INFO)"
_CALL = re.compile(rb"(?<![A-Za-z0-9_.])" + _NAMES + rb"\s{0,9}\(", re.IGNORECASE)
_FORMULA = re.compile(
    rb"<(?:(\w{1,32}):)?f((?:\s[^<>]{0,1000})?)(?:/>|>([^<]*)</(?:\w{1,32}:)?f>)(?=\s{0,99}<(?:\w{1,32}:)?v>[^<])"
)
"""A formula that is followed by its saved value (ECMA-376 part 1, 18.3.1.40)."""
_SHARED = re.compile(rb"""\bsi=["'](\d{1,9})["']""")
_ATTRIBUTE = re.compile(rb"""\stable:formula=(?:"([^"<]*)"|'([^'<]*)')""")
MARKS = (b"TODAY", b"NOW", b"RAND", b"CELL", b"INFO", b"today", b"now", b"rand", b"cell", b"info")


class SheetCells:
    """Goes through a sheet of Excel's XML."""

    left_out = 0

    def __init__(self, sheet: bytes) -> None:
        """Nothing is changed yet."""
        self._sheet = sheet
        self._shared: set[bytes] = set()

    def transformed(self) -> bytes:
        """The sheet, in which such cells have values alone."""
        if not _CALL.search(self._sheet):
            return self._sheet
        return _FORMULA.sub(self._without, self._sheet)

    def _without(self, formula: re.Match[bytes]) -> bytes:
        """Nothing, or the formula; cells that share one stand after the first, which alone spells it out."""
        shared = _SHARED.search(formula[2] or b"")
        if _CALL.search(formula[3] or b""):
            if shared:
                self._shared.add(shared[1])
            return b""
        return b"" if shared and shared[1] in self._shared else formula[0]


class OpenSheetCells:
    """Goes through the sheets of OpenDocument or StarOffice's XML."""

    left_out = 0

    def __init__(self, sheets: bytes) -> None:
        """Nothing is changed yet."""
        self._sheets = sheets

    def transformed(self) -> bytes:
        """The sheets, in which such cells have values alone."""
        return _ATTRIBUTE.sub(
            lambda found: b"" if _CALL.search(found[1] or found[2] or b"") else found[0], self._sheets
        )
