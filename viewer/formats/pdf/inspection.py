"""PDFs: whether one is sound, what of it is not shown, and a mended copy where it is damaged."""

import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pikepdf

from viewer.errors import Corrupt
from viewer.formats.document import PDF_TYPE, PLAIN_TEXT_TYPE
from viewer.formats.pdf.forms import filled_in
from viewer.formats.pdf.opened import dictionary, pages

DAMAGED = "This PDF is damaged: pages, or parts of them, may be missing."
ACTIONS = "Scripts and actions in this PDF were not run."
PLAYED = "Sounds, films or models in this PDF are not played."
PORTFOLIO = "This PDF is a portfolio of files. Its cover page is shown."
ADOBE_FORM = "This form was made for Adobe's programs and may look otherwise there, or say more."
FORM_AS_LIST = (
    "Only Adobe's programs can lay this form out. "
    "What was filled in is shown as a list, under the form's own names."
)

_RUN = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition"}
_PLAYERS = {"/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"}


class Inspected(NamedTuple):
    """What there is to say about a PDF.

    Args:
        notes: sentences on what is not shown of it, or otherwise.
        replacement: what is shown in its place, where it is damaged or of no use by itself.
        media_type: of what is shown.
    """

    notes: tuple[str, ...] = ()
    replacement: bytes | None = None
    media_type: str = PDF_TYPE


def inspect(pdf: pikepdf.Pdf, annotations: Sequence[Any]) -> Inspected:
    """Look through an open PDF.

    Args:
        pdf: open.
        annotations: of its pages.

    Raises:
        Corrupt: it has no pages.
    """
    if not len(pdf.pages):
        raise Corrupt("no pages")
    form = filled_in(pdf) if pdf.Root.get("/NeedsRendering") else None
    if form is not None:
        return Inspected((FORM_AS_LIST,), form.encode(), PLAIN_TEXT_TYPE)
    notes = tuple(dict.fromkeys(_notes(pdf, annotations)))
    damaged = any("damaged" in said or "reconstruct" in said for said in map(str, pdf.get_warnings()))
    return Inspected((DAMAGED, *notes), _rewritten(pdf)) if damaged else Inspected(notes)


def _rewritten(pdf: pikepdf.Pdf) -> bytes:
    """The same pages with a sound table of where they are, so that browsers can read them by ranges."""
    out = io.BytesIO()
    pdf.trailer.Size = len(
        pdf.objects
    )  # a lost trailer comes back without it; the right figure is set on saving
    pdf.save(out)
    return out.getvalue()


def _notes(pdf: pikepdf.Pdf, annotations: Sequence[Any]) -> Iterator[str]:
    root = pdf.Root
    names = dictionary(root.get("/Names"))
    if "/Collection" in root:
        yield PORTFOLIO
    if "/XFA" in dictionary(root.get("/AcroForm")):
        yield ADOBE_FORM
    if "/JavaScript" in names or "/AA" in root or _runs(root.get("/OpenAction")):
        yield ACTIONS
    if any("/AA" in page.obj for page in pages(pdf)):
        yield ACTIONS
    for item in annotations:
        if "/AA" in item or _runs(item.get("/A")):
            yield ACTIONS
        if str(item.get("/Subtype")) in _PLAYERS:
            yield PLAYED


def _runs(action: Any) -> bool:
    return str(dictionary(action).get("/S")) in _RUN
