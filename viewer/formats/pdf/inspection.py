"""PDFs: whether one opens, what of it is not shown, and a mended copy where it is damaged.

Runs in a child process.
"""

import io
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

import pikepdf

from viewer.documents import Examined
from viewer.errors import Corrupt, PasswordProtected

DAMAGED = "This PDF is damaged: pages, or parts of them, may be missing."
ACTIONS = "Scripts and actions in this PDF were not run."
PLAYED = "Sounds, films or models in this PDF are not played."
PORTFOLIO = "This PDF is a portfolio of files. Its cover page is shown."
ADOBE_FORM = "This form was made for Adobe's programs and may look otherwise there, or say more."
FORM_AS_LIST = (
    "Only Adobe's programs can lay this form out. "
    "What was filled in is shown as a list, under the form's own names."
)

_MAX_PAGES_SEARCHED = 2000
_MAX_ANNOTATIONS_SEARCHED = 20_000
_MAX_FORM = 4 * 1024 * 1024
"""Bytes of a form's data, unpacked."""
_MAX_VALUES = 5000
_RUN = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition"}
_PLAYERS = {"/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"}


def examine(original: bytes) -> Examined:
    """A PDF that opens, with an empty user password too, as browsers do.

    Raises:
        PasswordProtected: it needs a password.
        Corrupt: it does not open, or has no pages.
    """
    try:
        with pikepdf.open(io.BytesIO(original)) as pdf:
            if not len(pdf.pages):
                raise Corrupt("no pages")
            form = _filled_in(pdf) if pdf.Root.get("/NeedsRendering") else None
            if form is not None:
                return Examined((FORM_AS_LIST,), form.encode(), "text/plain; charset=utf-8")
            notes = tuple(dict.fromkeys(_notes(pdf)))
            damaged = any("damaged" in said or "reconstruct" in said for said in map(str, pdf.get_warnings()))
            return Examined((DAMAGED, *notes), _rewritten(pdf)) if damaged else Examined(notes)
    except pikepdf.PasswordError as error:
        raise PasswordProtected from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise Corrupt(type(error).__name__) from error


def _rewritten(pdf: pikepdf.Pdf) -> bytes:
    """The same pages with a sound table of where they are, so that browsers can read them by ranges."""
    out = io.BytesIO()
    pdf.trailer.Size = len(
        pdf.objects
    )  # a lost trailer comes back without it; the right figure is set on saving
    pdf.save(out)
    return out.getvalue()


def _notes(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    names = _dictionary(root.get("/Names"))
    if "/Collection" in root:
        yield PORTFOLIO
    if "/XFA" in _dictionary(root.get("/AcroForm")):
        yield ADOBE_FORM
    if "/JavaScript" in names or "/AA" in root or _runs(root.get("/OpenAction")):
        yield ACTIONS
    for item in _annotations(pdf):
        if "/AA" in item or _runs(item.get("/A")):
            yield ACTIONS
        if str(item.get("/Subtype")) in _PLAYERS:
            yield PLAYED


def _annotations(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Pages and what lies on them, the first ones of very many."""
    left = _MAX_ANNOTATIONS_SEARCHED
    for number, page in enumerate(pdf.pages):
        if number == _MAX_PAGES_SEARCHED:
            return
        yield page.obj
        annotations = page.obj.get("/Annots")
        for item in annotations if isinstance(annotations, pikepdf.Array) else ():
            left -= 1
            if left < 0:
                return
            if isinstance(item, pikepdf.Dictionary):
                yield item


def _runs(action: Any) -> bool:
    return str(_dictionary(action).get("/S")) in _RUN


def _dictionary(value: Any) -> Any:
    return value if isinstance(value, pikepdf.Dictionary) else pikepdf.Dictionary()


def _filled_in(pdf: pikepdf.Pdf) -> str | None:
    """What was filled in, a line a value; None where the form's data is not there."""
    packets = _dictionary(pdf.Root.get("/AcroForm")).get("/XFA")
    if not isinstance(packets, pikepdf.Array):
        return None
    named = list(packets)
    data = next(
        (named[at + 1] for at in range(0, len(named) - 1, 2) if str(named[at]) == "datasets"),
        None,
    )
    if not isinstance(data, pikepdf.Stream):
        return None
    return "\n".join(f"{name}: {value}" for name, value in _values(data.read_bytes()[:_MAX_FORM])) or None


def _values(data: bytes) -> list[tuple[str, str]]:
    """The names and texts of the elements that hold text alone; as far as the data can be read."""
    found: list[tuple[str, str]] = []
    path: list[list[str]] = []

    def text(words: str) -> None:
        if path:
            path[-1].append(words)

    def end(name: str) -> None:
        value = "".join(path.pop()).strip()
        if value and len(found) < _MAX_VALUES:
            found.append((name.rpartition(":")[2], value))

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: path.append([])
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)  # noqa: FBT003 - that it is all there is
    except expat.ExpatError:
        return found
    return found
