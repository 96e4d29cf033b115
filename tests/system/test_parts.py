"""Attachments and files in archives, through the whole running chain."""

import io
import sqlite3
import uuid
import zipfile
from urllib.parse import parse_qs, urlsplit

import pikepdf
import pytest

from tests.system.addresses import VIEWER
from tests.system.person import Person
from tests.system.stack import Stack

pytestmark = pytest.mark.system

BUNDLE, STATEMENT = 1040, 1042


@pytest.fixture(scope="module")
def worker(running_stack: Stack) -> Person:
    assert running_stack
    return Person().sign_in()


def _open(worker: Person, document_id: int, part: str) -> dict[str, object]:
    answer = worker.open(document_id, f"42&part={part}")
    assert answer.status_code == 200, answer.text[:300]
    return dict(answer.json(), content=worker.bytes_of(answer))


def test_every_file_of_an_archive_opens_or_says_why(worker: Person) -> None:
    listing = worker.open(BUNDLE).json()
    assert listing["show"] == "listing"
    outcomes = {}
    for part in listing["parts"]:
        number = parse_qs(urlsplit(part["url"]).query)["part"][0]
        answer = worker.open(BUNDLE, f"42&part={number}")
        outcomes[part["name"]] = answer.headers.get("X-Error-Code") or answer.json()["show"]
        assert worker.arrive(VIEWER + part["url"]).status_code == 200
    assert outcomes == {
        "Read me first.txt": "text",
        "Referral from the school.docx": "pdf",
        "Assessment, signed.pdf": "pdf",
        "Bank statements.pdf": "password_protected",
        "Photographs.zip": "listing",
        "viewer.exe": "unsupported_type",
    }


def test_a_word_file_in_an_archive_becomes_pages(worker: Person) -> None:
    opened = _open(worker, BUNDLE, "2")
    with pikepdf.open(io.BytesIO(opened["content"].content)) as pdf:  # type: ignore[attr-defined]  # a response
        assert len(pdf.pages) >= 1


def test_a_picture_in_an_archive_in_an_archive_is_shown(worker: Person) -> None:
    assert _open(worker, BUNDLE, "5.1")["show"] == "image"


def test_the_files_of_a_pdf_are_listed_beside_it_and_open(worker: Person) -> None:
    opened = worker.open(STATEMENT).json()
    assert opened["show"] == "pdf"
    assert [part["name"] for part in opened["parts"]] == ["Exhibit A.jpg", "Exhibit B.docx"]
    assert _open(worker, STATEMENT, "1")["show"] == "image"
    assert _open(worker, STATEMENT, "2")["show"] == "pdf"


def test_a_replaced_archive_is_read_anew_for_each_part(stack: Stack, worker: Person) -> None:
    file = stack.documents / "5040.zip"
    texts = [f"The {version} version. {uuid.uuid4()}" for version in ("first", "second")]
    seen = []
    for text in texts:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("note.txt", text)
        seen.append(_open(worker, 5040, "1")["content"].text)  # type: ignore[attr-defined]  # a response
    assert seen == texts
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("folder/", "")
    gone = worker.open(5040, "42&part=1")
    assert (gone.status_code, gone.headers["X-Error-Code"]) == (404, "part_not_found")


def test_each_part_that_was_seen_is_on_record(stack: Stack, worker: Person) -> None:
    _open(worker, BUNDLE, "5.2")
    with sqlite3.connect(f"file:{stack.audit}?mode=ro", uri=True) as audit:
        rows = audit.execute(
            "SELECT outcome, length(sha256) FROM audit WHERE document_id = '1040' AND part = '5.2'"
        ).fetchall()
    assert ("viewed", 64) in rows
