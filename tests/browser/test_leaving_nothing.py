"""What stays on a device after documents were read: nothing, not even in the browser's own folder."""

import mmap
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.reader import Reader
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.system.addresses import VIEWER
from tests.system.stack import Stack

pytestmark = pytest.mark.system

REFERRAL, CALL, DRAWING, RECORDING = 1001, 1010, 1012, 1022
_OF_DOCUMENTS = {
    "the bytes of a PDF": b"%PDF-1.",
    "words of the text": "The school paid £49".encode(),
    "the bytes of the picture": b"\x89PNG\r\n\x1a\n",
    "the bytes of the recording": b"WAVEfmt ",
    "an address of a document's bytes": b"/content/",
}


def _holds(path: Path, needle: bytes) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(needle) >= 0


def test_nothing_of_the_documents_is_in_the_browsers_folder(
    browser: Browser, stack: Stack, tmp_path: Path
) -> None:
    """A browser with a folder of its own, as people have; its cache is on, as its scripts are kept in it."""
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS, accept_downloads=True
    )
    reader = Reader(context)
    for number in (REFERRAL, CALL, DRAWING, RECORDING, REFERRAL):
        with reader.read(number) as tab:
            assert not tab.downloads
    context.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(_holds(path, f"{VIEWER}/static/".encode()) for path in files), "the cache was looked at"
    kept = {what: [str(path) for path in files if _holds(path, sign)] for what, sign in _OF_DOCUMENTS.items()}
    # a picture of the program's own (an icon) is no document: only the cache's folders count
    kept = {what: [path for path in paths if "Cache" in path] for what, paths in kept.items()}
    assert not {what: paths for what, paths in kept.items() if paths}
