"""PDFs: whether one is sound, what of it is not shown, and a mended copy where it is damaged."""

import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import pikepdf

from viewer.errors import Corrupt
from viewer.formats.document import PDF_TYPE, PLAIN_TEXT_TYPE
from viewer.formats.pdf.forms import xfa_values
from viewer.formats.pdf.opening import dictionary, pages

DAMAGED = "This PDF is damaged: pages, or parts of them, may be missing."
ACTIONS = "Scripts and actions in this PDF were not run."
ONE_LAYER = "One layer of this PDF is switched off and is not shown."
LAYERS = "{count:,} layers of this PDF are switched off and are not shown."
PLAYED = "Sounds, films or models in this PDF are not played."
PORTFOLIO = "This PDF is a portfolio of files. Its cover page is shown."
ADOBE_FORM = "This form was made for Adobe's programs and may look otherwise there, or say more."
FORM_AS_LIST = (
    "Only Adobe's programs can lay this form out. "
    "What was filled in is shown as a list, under the form's own names."
)

_RUN = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition"}
_PLAYERS = {"/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"}
_MAX_NODES, _DEEPEST = 10_000, 50
"""Nodes of the tree of pages that are looked at, beside the pages, and levels of it."""
_MAX_LAYERS = 1000


class _OddPageTree(Exception):
    """The tree of pages is not as browsers read it."""


class PdfInspection(NamedTuple):
    """What there is to say about a PDF.

    Args:
        notes: sentences on what is not shown of it, or otherwise.
        replacement: what is shown in its place, where it is damaged or of no use by itself.
        media_type: of what is shown.
    """

    notes: tuple[str, ...] = ()
    replacement: bytes | None = None
    media_type: str = PDF_TYPE


def inspect(pdf: pikepdf.Pdf, annotations: Sequence[Any], *, has_end: bool = True) -> PdfInspection:
    """Look through an open PDF.

    Args:
        pdf: open.
        annotations: of its pages.
        has_end: whether its last lines are there.

    Raises:
        Corrupt: it has no pages.
    """
    if not len(pdf.pages):
        raise Corrupt("no pages")
    form = xfa_values(pdf) if pdf.Root.get("/NeedsRendering") else None
    if form is not None:
        return PdfInspection((FORM_AS_LIST,), form.encode(), PLAIN_TEXT_TYPE)
    notes = tuple(dict.fromkeys(_notes(pdf, annotations)))
    damaged = not has_end or any(
        "damaged" in said or "reconstruct" in said for said in map(str, pdf.get_warnings())
    )
    if damaged:
        return PdfInspection((DAMAGED, *notes), _rewrite(pdf))
    # browsers go by the figures in the tree of pages, and know no owner's password
    sound = _has_right_page_counts(pdf) and (not pdf.is_encrypted or pdf.user_password_matched)
    return PdfInspection(notes, None if sound else _rewrite(pdf))


def _rewrite(pdf: pikepdf.Pdf) -> bytes:
    """The same pages with a sound table of where they are, so that browsers can read them by ranges."""
    out = io.BytesIO()
    pdf.trailer.Size = len(
        pdf.objects
    )  # a lost trailer comes back without it; the right figure is set on saving
    if not _has_right_page_counts(pdf):
        pdf.Root.Pages.Count = len(pdf.pages)
        pdf.pages.append(pdf.pages[0])  # qpdf makes a tree of one level of it, with the right figures
        del pdf.pages[-1]
    pdf.save(out)
    return out.getvalue()


def _has_right_page_counts(pdf: pikepdf.Pdf) -> bool:
    """Whether each node of the tree of pages says how many pages are below it (ISO 32000-1, 7.7.3)."""
    budget = iter(range(len(pdf.pages) + _MAX_NODES))

    def leaves(node: Any, depth: int) -> int:
        kids = dictionary(node).get("/Kids")
        if not isinstance(kids, pikepdf.Array):
            return 1
        if next(budget, None) is None or depth > _DEEPEST:
            raise _OddPageTree
        found = 0
        for kid in kids:
            found += leaves(kid, depth + 1)
        if node.get("/Count") != found:
            raise _OddPageTree
        return found

    try:
        return leaves(pdf.Root.get("/Pages"), 0) == len(pdf.pages)
    except _OddPageTree:
        return False


def _hidden_layers(root: Any) -> int:
    """How many layers are off when the PDF is opened (ISO 32000-1, 8.11.4)."""
    layers = dictionary(root.get("/OCProperties"))
    every, usual = layers.get("/OCGs"), dictionary(layers.get("/D"))
    if not isinstance(every, pikepdf.Array):
        return 0
    on, off = (_numbers(usual.get(name)) for name in ("/ON", "/OFF"))
    if str(usual.get("/BaseState")) == "/OFF":
        off |= _numbers(every) - on
    for layer in islice(every, _MAX_LAYERS):
        view = dictionary(dictionary(dictionary(layer).get("/Usage")).get("/View"))
        if layer.is_indirect and str(view.get("/ViewState")) == "/OFF":
            off.add(layer.objgen)
    return len(off & _numbers(every))


def _numbers(layers: Any) -> set[tuple[int, int]]:
    found = islice(layers, _MAX_LAYERS) if isinstance(layers, pikepdf.Array) else ()
    return {layer.objgen for layer in found if layer.is_indirect}


def _notes(pdf: pikepdf.Pdf, annotations: Sequence[Any]) -> Iterator[str]:
    root = pdf.Root
    names = dictionary(root.get("/Names"))
    if hidden := _hidden_layers(root):
        yield ONE_LAYER if hidden == 1 else LAYERS.format(count=hidden)
    if "/Collection" in root:
        yield PORTFOLIO
    if "/XFA" in dictionary(root.get("/AcroForm")):
        yield ADOBE_FORM
    if "/JavaScript" in names or "/AA" in root or _is_run_action(root.get("/OpenAction")):
        yield ACTIONS
    if any("/AA" in page.obj for page in pages(pdf)):
        yield ACTIONS
    for item in annotations:
        if "/AA" in item or _is_run_action(item.get("/A")):
            yield ACTIONS
        if str(item.get("/Subtype")) in _PLAYERS:
            yield PLAYED


def _is_run_action(action: Any) -> bool:
    return str(dictionary(action).get("/S")) in _RUN
