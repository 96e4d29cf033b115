"""What a cell displays in the United Kingdom, for the commonest formats; its plain value in others.

Written anew from the formats' meaning (ECMA-376, 18.8.31), so that LibreOffice is not compared with itself.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

_BUILT_IN = {"mm-dd-yy": "dd/mm/yyyy", "m/d/yy h:mm": "dd/mm/yyyy hh:mm", "General": ""}
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
_DATE = re.compile(r"d{1,4}|m{1,5}|y{2,4}|h{1,2}|s{1,2}|am/pm", re.IGNORECASE)
_NUMBER = re.compile(r"^[#0?,]+(\.[0#?]+)?(%?)$")
_CODES = "d dd ddd dddd m mm mmm mmmm yy yyyy h hh n nn s ss"
_DIRECTIVES = "%-d %d %a %A %-m %m %b %B %y %Y %-H %H %-M %M %-S %S"
"""What each piece of a format is for strftime; `n` are minutes."""
UNKNOWN = ""
"""Nothing is compared of a cell whose format is none of these."""


def displayed(value: object, form: str) -> str:
    """The text that stands in the cell; `UNKNOWN` where its format is not known here."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime | date | time):
        return _moment(value, _BUILT_IN.get(form, form))
    if isinstance(value, timedelta):
        return UNKNOWN
    if isinstance(value, int | float):
        return _number(value, _BUILT_IN.get(form, form))
    return str(value)


def _number(value: float, form: str) -> str:
    if not form:
        return f"{value:.10g}" if abs(value) < 1e10 and "e" not in f"{value:.10g}" else UNKNOWN
    section = form.split(";")[1 if value < 0 and ";" in form else 0]
    plain = _QUOTED.sub("", section).strip(" ()-£$€")
    match = _NUMBER.match(plain)
    if not match or plain.endswith(","):
        return UNKNOWN
    places = len(match[1] or ".") - 1
    if "#" in (match[1] or "") or "?" in (match[1] or ""):
        return UNKNOWN
    figure = Decimal(repr(value)) * (100 if match[2] else 1)
    rounded = abs(figure.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    whole = len(plain.partition(".")[0].replace(",", "").replace("#", ""))
    written = f"{rounded:,.{places}f}" if "," in plain else f"{rounded:.{places}f}"
    return written.zfill(whole + places + (1 if places else 0))


def _moment(value: datetime | date | time, form: str) -> str:
    plain = _QUOTED.sub(lambda match: match[1] or match[2] or "", form.split(";", maxsplit=1)[0])
    pieces = [piece.lower() for piece in _DATE.findall(plain)]
    if "am/pm" in pieces or not pieces:
        return UNKNOWN
    written, before = [], ""
    for at, piece in enumerate(pieces):
        after = pieces[at + 1] if at + 1 < len(pieces) else ""
        is_minute = piece[0] == "m" and (before[:1] == "h" or after[:1] == "s")
        if not is_minute and piece[0] in "dmy" and isinstance(value, time):
            return UNKNOWN
        written.append(_piece(value, "n" * len(piece) if is_minute else piece))
        before = piece
    return " ".join(written)


def _piece(value: datetime | date | time, piece: str) -> str:
    codes = dict(zip(_CODES.split(), _DIRECTIVES.split(), strict=True))
    moment = value if isinstance(value, time | datetime) else datetime.combine(value, time())
    return moment.strftime(codes[piece]) if piece in codes else ""
