"""Presentations, a thing that people do in each."""

import io
from collections.abc import Callable
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_AUTO_SIZE
from pptx.util import Cm, Pt

from tests.corpus.generated.prose import LANGUAGES, Prose

_TITLED, _ONLY_TITLE, _BLANK = 1, 5, 6


def _slide(deck: Any, layout: int, title: str = "") -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    if title:
        slide.shapes.title.text = title
    return slide


def _bullets(deck: Any, prose: Prose) -> None:
    for _ in range(3):
        slide = _slide(deck, _TITLED, prose.sentence(words=3))
        frame = slide.placeholders[1].text_frame
        frame.text = prose.sentence()
        for level in range(1, 5):
            paragraph = frame.add_paragraph()
            paragraph.text, paragraph.level = prose.sentence(words=5), level


def _table(deck: Any, prose: Prose) -> None:
    slide = _slide(deck, _ONLY_TITLE, prose.mark())
    table = slide.shapes.add_table(6, 4, Cm(1), Cm(4), Cm(23), Cm(8)).table
    for row in table.rows:
        for cell in row.cells:
            cell.text = prose.sentence(words=3)
    table.cell(0, 0).merge(table.cell(0, 2))


def _chart(deck: Any, prose: Prose) -> None:
    slide = _slide(deck, _ONLY_TITLE, prose.mark())
    data = CategoryChartData()
    data.categories = [prose.mark() for _ in range(3)]
    data.add_series(prose.mark(), (3, 5, 2))
    data.add_series(prose.mark(), (1, 4, 6))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Cm(1), Cm(4), Cm(22), Cm(12), data).chart
    chart.has_legend, chart.has_title = True, True
    chart.chart_title.text_frame.text = prose.mark()


def _notes(deck: Any, prose: Prose) -> None:
    for _ in range(2):
        slide = _slide(deck, _TITLED, prose.sentence(words=3))
        slide.notes_slide.notes_text_frame.text = prose.paragraph()


def _hidden(deck: Any, prose: Prose) -> None:
    for number in range(3):
        slide = _slide(deck, _TITLED, prose.sentence(words=3))
        slide.placeholders[1].text = prose.sentence()
        if number == 1:
            slide._element.set("show", "0")


def _shapes(deck: Any, prose: Prose) -> None:
    slide = _slide(deck, _BLANK)
    for place, form in enumerate((MSO_SHAPE.OVAL, MSO_SHAPE.RIGHT_ARROW, MSO_SHAPE.CLOUD, MSO_SHAPE.CUBE)):
        shape = slide.shapes.add_shape(form, Cm(1 + 6 * place), Cm(1), Cm(5.5), Cm(4))
        shape.text_frame.text = prose.sentence(words=2)
    group = slide.shapes.add_group_shape()
    for place in range(2):
        box = group.shapes.add_textbox(Cm(2 + 9 * place), Cm(7), Cm(8), Cm(2))
        box.text_frame.text = prose.sentence(words=3)
        box.rotation = 10 * place
    slide.shapes.add_textbox(Cm(2), Cm(12), Cm(20), Cm(2)).text_frame.text = prose.sentence()


def _full(deck: Any, prose: Prose) -> None:
    """More text than the shapes have room for, shrunk, not wrapped, and left as it is."""
    for size in (MSO_AUTO_SIZE.NONE, MSO_AUTO_SIZE.SHAPE_TO_FIT_TEXT, MSO_AUTO_SIZE.TEXT_TO_FIT_SHAPE):
        slide = _slide(deck, _TITLED, prose.paragraph(sentences=2))
        box = slide.shapes.add_textbox(Cm(2), Cm(3), Cm(8), Cm(1)).text_frame
        box.text, box.word_wrap, box.auto_size = prose.paragraph(), True, size
        slide.placeholders[1].text_frame.text = prose.paragraph(sentences=8)


def _languages(deck: Any, prose: Prose) -> None:
    for language in LANGUAGES:
        slide = _slide(deck, _TITLED, language)
        slide.placeholders[1].text = prose.sentence(language)


def _small(deck: Any, prose: Prose) -> None:
    """Footers, dates and slide numbers that stand on the slides, and texts in letters of six points."""
    for _ in range(2):
        slide = _slide(deck, _BLANK)
        for place in range(3):
            box = slide.shapes.add_textbox(Cm(1 + 8 * place), Cm(17), Cm(7), Cm(1)).text_frame
            box.text = prose.sentence(words=2)
            box.paragraphs[0].runs[0].font.size = Pt(6)
    deck.slide_layouts[_BLANK].placeholders[0].text_frame.text = "Date"


SCENES: dict[str, Callable[[Any, Prose], None]] = {
    "bullets": _bullets,
    "table": _table,
    "chart": _chart,
    "speakers-notes": _notes,
    "hidden-slide": _hidden,
    "shapes-and-groups": _shapes,
    "more-text-than-room": _full,
    "languages": _languages,
    "small-letters": _small,
}


def presentation(name: str) -> bytes:
    """The .pptx of this scene."""
    deck, out = Presentation(), io.BytesIO()
    SCENES[name](deck, Prose(f"slides {name}"))
    deck.save(out)
    return out.getvalue()
