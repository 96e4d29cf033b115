"""Plain texts, data and tables in text."""

import csv
import io
import json
from collections.abc import Callable
from xml.sax.saxutils import escape

from tests.corpus.generated.prose import LANGUAGES, Prose

_CODE_PAGES = {
    "Polish": "cp1250",
    "Turkish": "cp1254",
    "Greek": "cp1253",
    "Ukrainian": "cp1251",
    "French": "cp1252",
}
_WIDE = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")


def _text(prose: Prose, language: str = "English") -> str:
    return "".join(f"{prose.paragraph(language)}\r\n\r\n" for _ in range(6))


def _rows(prose: Prose, delimiter: str, language: str = "English") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["Name", "Address", "Cost", "Note"])
    for _ in range(25):
        note = f'{prose.sentence(language)}\nHe said "{prose.mark()}", and left.'
        writer.writerow([prose.name(), prose.address(), f"£{prose.amount():,.2f}", note])
    return out.getvalue()


def _data(prose: Prose) -> object:
    return [{"name": prose.name(), "note": prose.sentence(), "cost": prose.amount()} for _ in range(20)]


def _xml(prose: Prose) -> str:
    visits = "".join(f"<visit to='{prose.mark()}'>{escape(prose.sentence())}</visit>\n" for _ in range(20))
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<visits>\n{visits}</visits>\n"


def _in_encoding(encoding: str, language: str) -> Callable[[Prose], bytes]:
    return lambda prose: _text(prose, language).encode(encoding, "ignore")


def _table_in(encoding: str, delimiter: str, language: str = "English") -> Callable[[Prose], bytes]:
    return lambda prose: _rows(prose, delimiter, language).encode(encoding, "ignore")


TEXTS: dict[str, Callable[[Prose], bytes]] = {
    **{f"language-{language}.txt": _in_encoding("utf-8", language) for language in LANGUAGES},
    **{f"code-page-{language}.txt": _in_encoding(page, language) for language, page in _CODE_PAGES.items()},
    **{f"{encoding}.txt": _in_encoding(encoding, "Polish") for encoding in _WIDE},
    "without-a-last-line-end.txt": lambda prose: f"{_text(prose)}{prose.name()}".encode(),
    "one-line.txt": lambda prose: prose.paragraph(sentences=60).encode(),
    "notes.md": lambda prose: f"# {prose.mark()}\n\n* {prose.sentence()}\n* {prose.sentence()}\n".encode(),
    "commas.csv": _table_in("utf-8", ","),
    "semicolons.csv": _table_in("utf-8-sig", ";"),
    "tabs.csv": _table_in("utf-16", "\t"),
    "code-page.csv": _table_in("cp1252", ","),
    **{f"language-{language}.csv": _table_in("utf-8", ",", language) for language in ("Polish", "Greek")},
    "lines.json": lambda prose: json.dumps(_data(prose), indent=1, ensure_ascii=False).encode(),
    "one-line.json": lambda prose: json.dumps(_data(prose), ensure_ascii=False).encode(),
    "visits.xml": lambda prose: _xml(prose).encode(),
}
