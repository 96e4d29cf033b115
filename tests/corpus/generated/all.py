"""All of it, written into a folder."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.corpus.generated import excel, slides, word
from tests.corpus.generated.converted import FORMS, convert_all
from tests.corpus.generated.letters import MESSAGES, PAGES
from tests.corpus.generated.others import OTHERS
from tests.corpus.generated.prose import Prose
from tests.corpus.generated.texts import TEXTS
from tests.system.kinds.containers import ARCHIVES, PDFS
from tests.system.kinds.media import MEDIA
from tests.system.kinds.pictures import PICTURES
from tests.system.kinds.row import sample


def modern() -> Iterator[tuple[str, bytes]]:
    """Names and bytes of everything that is written without an office."""
    yield from ((f"{name}.docx", word.document(name)) for name in word.SCENES)
    yield from ((f"{name}.xlsx", excel.workbook(name)) for name in excel.SCENES)
    yield "shapes.xlsx", excel.workbook_with_shapes()
    yield from ((f"{name}.pptx", slides.presentation(name)) for name in slides.SCENES)
    makers: dict[str, Callable[[Prose], bytes]] = {**MESSAGES, **PAGES, **TEXTS, **OTHERS}
    yield from ((name, make(Prose(name))) for name, make in makers.items())


def write_all(folder: Path) -> int:
    """Write every file anew, each form in a folder of its own, and give their number.

    Args:
        folder: is emptied first where it is there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name, body in modern():
        path = folder / Path(name).suffix[1:] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    for suffix, forms in FORMS.items():
        sources = sorted((folder / suffix[1:]).iterdir())
        for form in forms:
            into = folder / form
            into.mkdir(exist_ok=True)
            convert_all(sources, form, into)
    samples = folder / "samples"
    samples.mkdir()
    for number, row in enumerate((*PICTURES, *PDFS, *MEDIA, *ARCHIVES)):
        (samples / f"{row.kind}-{number}-{row.name}.bin").write_bytes(sample(row.make))
    return sum(path.is_file() for path in folder.rglob("*"))
