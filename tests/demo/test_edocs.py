"""The demo's eDocs behaves like the real one."""

import os
import time
from pathlib import Path

import pytest
import requests

from tests.demo.conftest import EDOCS_KEY

KEY = {"Authorization": f"Bearer {EDOCS_KEY}"}


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers={**KEY, **headers}, timeout=5)


def test_a_document_is_a_chunked_attachment_and_says_nothing_else(edocs: str, documents: Path) -> None:
    (documents / "7.docx").write_bytes(b"x" * 200_000)
    answer = get(f"{edocs}/documents/7", Range="bytes=0-9")
    assert answer.status_code == 200
    assert len(answer.content) == 200_000
    assert answer.headers["Content-Disposition"] == "attachment; filename=7.docx"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert not {"Content-Length", "ETag", "Last-Modified", "Accept-Ranges"} & set(answer.headers)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("8.pdf", "application/pdf"),
        ("8.msg", "application/octet-stream"),
        ("8.heic", "application/octet-stream"),
        ("8.txt", "text/plain"),
    ],
)
def test_the_media_type_is_guessed_from_the_extension_alone(
    edocs: str, documents: Path, name: str, media_type: str
) -> None:
    (documents / name).write_bytes(b"anything")
    assert get(f"{edocs}/documents/8").headers["Content-Type"] == media_type


def test_a_wrong_or_missing_key_is_401(edocs: str, documents: Path) -> None:
    (documents / "7.txt").write_text("secret")
    assert requests.get(f"{edocs}/documents/7", timeout=5).status_code == 401
    assert get(f"{edocs}/documents/7", Authorization="Bearer other").status_code == 401


@pytest.mark.parametrize("document_id", ["9", "99999999999", "seven", "..%2F7"])
def test_an_unknown_document_is_404(edocs: str, document_id: str) -> None:
    assert get(f"{edocs}/documents/{document_id}").status_code == 404


def test_head_is_not_allowed(edocs: str, documents: Path) -> None:
    (documents / "7.txt").write_text("there")
    answer = requests.head(f"{edocs}/documents/7", headers=KEY, timeout=5)
    assert answer.status_code == 405


def test_the_newest_version_is_served_at_once(edocs: str, documents: Path) -> None:
    old, new = documents / "7.txt", documents / "7.docx"
    old.write_text("old")
    os.utime(old, (time.time() - 60, time.time() - 60))
    assert get(f"{edocs}/documents/7").text == "old"
    new.write_text("new")
    assert get(f"{edocs}/documents/7").text == "new"


def test_the_extension_is_sent_in_lower_case(edocs: str, documents: Path) -> None:
    (documents / "7.PDF").write_text("loud")
    answer = get(f"{edocs}/documents/7")
    assert answer.headers["Content-Disposition"] == "attachment; filename=7.pdf"
    assert answer.headers["Content-Type"] == "application/pdf"


def test_the_demo_edocs_fails_with_xml_as_often_as_set(edocs: str, documents: Path) -> None:
    (documents / "7.txt").write_text("there")
    fault = {"key": "7", "fail_times": 2, "status": 500}
    assert requests.post(f"{edocs}/_faults", json=fault, timeout=5).status_code == 201
    answers = [get(f"{edocs}/documents/7") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500, 500, 200]
    assert answers[0].text.startswith("<?xml")


def test_the_demo_edocs_truncates_a_response_on_demand(edocs: str, documents: Path) -> None:
    (documents / "7.txt").write_bytes(b"x" * 500_000)
    requests.post(f"{edocs}/_faults", json={"key": "*", "truncate": 100_000}, timeout=5)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(f"{edocs}/documents/7")


def test_a_fault_that_does_not_exist_is_refused(edocs: str) -> None:
    answer = requests.post(f"{edocs}/_faults", json={"key": "7", "mood": "bad"}, timeout=5)
    assert answer.status_code == 400


def test_the_demo_edocs_lists_its_requests_with_their_ids(edocs: str, documents: Path) -> None:
    (documents / "7.txt").write_text("there")
    get(f"{edocs}/documents/7", **{"X-Request-ID": "abc"})
    get(f"{edocs}/documents/8")
    assert requests.get(f"{edocs}/_requests", timeout=5).json() == [
        {"key": "7", "status": 200, "request_id": "abc"},
        {"key": "8", "status": 404, "request_id": None},
    ]
