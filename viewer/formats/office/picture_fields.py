"""Fields that show a picture from another place (ECMA-376, part 1, 17.16.5.27, INCLUDEPICTURE)."""

import re

_FIELD = b"INCLUDEPICTURE"
_LONGEST = 600
"""Bytes of a field that are looked at."""


def count_unsaved_pictures(body: bytes, end: "re.Pattern[bytes]", switch: "re.Pattern[bytes]") -> int:
    r"""How many pictures were not saved with the document.

    Args:
        body: with the fields as text.
        end: of a field.
        switch: how the format writes `\d`, which says that the picture's data is not in the document.
    """
    fields = (end.split(piece[:_LONGEST], maxsplit=1)[0] for piece in body.split(_FIELD)[1:])
    return sum(switch.search(field) is not None for field in fields)
