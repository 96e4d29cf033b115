"""What comes out of the sandbox is checked: a child that was broken into says whatever it likes."""

import io
from typing import Any

import pytest

from viewer.documents import Printing
from viewer.errors import DocumentKilledConverter
from viewer.files import memory_file
from viewer.sandbox.client import Result
from viewer.sandbox.protocol import Job
from viewer.sandbox.sandbox import Sandbox, Work

SOUND: dict[str, Any] = {
    "kind": "docx",
    "label": "Word document",
    "media_type": "application/pdf",
    "notes": ["1 comment is not shown."],
    "parts": [{"number": 1, "name": "report\u202e.pdf", "size": 7, "locked": False}],
    "printing": {
        "filters": ["MS Word 2007 XML"],
        "is_long": True,
        "cut_after": None,
        "fonts": ["Arial"],
        "has_linked_pictures": False,
    },
    "is_listing": False,
}


class _FakeClient:
    """A client whose child says what the test wants."""

    about = {"recipe": "r1"}  # noqa: RUF012 - as the client has it

    def __init__(self, head: Any) -> None:
        self.head = head
        self.jobs: list[Job] = []
        self.bodies: list[Any] = []

    def run(self, job: Job, document: Any) -> Result:  # noqa: ARG002 - as the client has it
        self.jobs.append(job)
        self.bodies.append(memory_file("body"))
        return Result(self.head, self.bodies[-1])


def _sandbox(head: Any) -> tuple[Sandbox, _FakeClient]:
    client = _FakeClient(head)
    return Sandbox(client, Work(200, {"max_part_bytes": 5}), lambda *_: None), client  # type: ignore[arg-type]  # a stand-in


def test_a_valid_reading_is_returned_with_safe_names() -> None:
    sandbox, client = _sandbox({"reading": SOUND, "made": False})
    reading, body = sandbox.read(io.BytesIO(b"x"), "worker@council.test")
    assert body is None
    assert client.bodies[0].closed
    assert reading.printing == Printing(("MS Word 2007 XML",), is_long=True, fonts=("Arial",))
    assert [part.name for part in reading.parts] == ["report.pdf"]
    (job,) = client.jobs
    assert (job.task, job.owner, job.seconds, job.max_bytes) == ("read", "worker@council.test", 60, 200 << 20)
    assert job.arguments == {"limits": {"max_part_bytes": 5}}


@pytest.mark.parametrize(
    "head",
    [
        None,
        [],
        "text",
        {},
        {"reading": SOUND},
        *(
            {"reading": {**SOUND, key: value}, "made": True}
            for key, value in [
                ("media_type", "text/html"),
                ("media_type", "application/xhtml+xml"),
                ("media_type", "application/pdf\r\nSet-Cookie: a=b"),
                ("kind", "docx\n"),
                ("kind", 7),
                ("kind", "x" * 200),
                ("notes", 3),
                ("parts", [{"number": "one", "name": "a", "size": 1, "locked": False}]),
                ("parts", {"a": 1}),
                ("printing", {"filters": None}),
            ]
        ),
    ],
)
def test_a_malformed_reading_counts_as_a_crash(head: Any) -> None:
    sandbox, client = _sandbox(head)
    with pytest.raises(DocumentKilledConverter):
        sandbox.read(io.BytesIO(b"x"), "worker@council.test")
    assert client.bodies[0].closed


def test_long_lists_and_texts_in_a_reading_are_cut() -> None:
    part = {"number": 1, "name": "a" * 10_000, "size": None, "locked": False}
    head = {"reading": {**SOUND, "notes": ["n" * 5000] * 500, "parts": [part] * 20_000}, "made": False}
    reading, _ = _sandbox(head)[0].read(io.BytesIO(b"x"), "worker@council.test")
    assert (len(reading.notes), len(reading.notes[0])) == (100, 1000)
    assert (len(reading.parts), len(reading.parts[0].name)) == (10_000, 255)
