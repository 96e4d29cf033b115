"""Real guards with a real LibreOffice each, on free ports; nothing of them stays."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pypdfium2

from tests.running.ports import free_port
from tests.running.waiting import listens, wait_until

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-unoserver/bin/python"
SCRIPTS = ROOT / "deploy/unoserver"
SOFFICE = "/usr/lib/libreoffice/program/soffice.bin"
WORD, EXCEL = "MS Word 2007 XML", "Calc MS Excel 2007 XML"
LOCALE = "en-GB"
MAX_PDF_BYTES = 200 * 1024 * 1024
_START_SECONDS = 60


def processes(mark: str) -> dict[int, str]:
    """Living processes with this text in their command line: the process id, and the command's first word."""
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if any(mark in word for word in command[1:]):
                found[int(entry.name)] = command[0]
    return found


@dataclass
class Guard:
    """One guard process and what it started.

    Args:
        settings: UNOSERVER_… settings by their name in capitals.
        scripts: where guard.py and what it needs are.
        seconds: of processor time that it is told for each document.
    """

    folder: Path
    settings: dict[str, int | str] = field(default_factory=dict)
    scripts: Path = SCRIPTS
    port: int = field(default_factory=free_port)
    uno_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    seconds: float = 60

    def start(self) -> None:
        settings = {"PORT": self.port, "UNO_PORT": self.uno_port, **self.settings}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(PYTHON), str(self.scripts / "guard.py")],
                env={
                    "PATH": "/usr/bin:/bin",
                    "TMPDIR": str(self.folder),
                    **{f"UNOSERVER_{name}": str(value) for name, value in settings.items()},
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """Stop it as a service manager does; at once where that does not work."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def log(self) -> Path:
        return self.folder / "guard.log"

    @property
    def mark(self) -> str:
        """In the command line of every process of its offices."""
        return f"/unoserver-{self.port}-"

    @property
    def work_folder(self) -> Path:
        """What the office can write to; in its own view of the files, which the kernel shows here."""
        office = self.offices()[0]
        words = Path(f"/proc/{office}/cmdline").read_bytes().decode().split("\0")
        profile = next(word for word in words if word.startswith("-env:UserInstallation"))
        return Path(f"/proc/{office}/root{urlsplit(profile.partition('=')[2]).path}").parent

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log lines of an event; a sabotaged office may write lines of its own between them."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def wait_ready(self) -> int:
        """Wait for a healthy office.

        Returns:
            its process id.
        """
        wait_until(
            lambda: listens(self.port) and self.offices(),
            _START_SECONDS,
            lambda: f"ready\n{self.log.read_text()}",
        )
        return self.offices()[0]

    def offices(self) -> list[int]:
        """Process ids of its LibreOffice: one at most, unless something is wrong."""
        return [pid for pid, command in processes(self.mark).items() if command == SOFFICE]

    @property
    def at_work(self) -> bool:
        """Whether the office's folder holds a document."""
        with suppress(OSError, IndexError):
            return any(path.name.startswith("tmp") for path in self.work_folder.iterdir() if path.is_file())
        return False

    def kill_office(self, how: int = signal.SIGKILL) -> None:
        for pid in self.offices():
            with suppress(ProcessLookupError):
                os.kill(pid, how)

    def answer(self, document: bytes, import_filter: str = WORD, **headers: str) -> bytes:
        """The PDF of a document. `headers`: of the request, other than the usual ones; `_` stands for `-`.

        Raises:
            NotConverted: what the guard answers instead.
        """
        answer = post(self.port, Call(document, import_filter, self.seconds), **headers)
        if answer.outcome != "converted":
            raise NotConverted(answer.outcome)
        return answer.body

    def outcome(self, document: bytes, import_filter: str = WORD, **headers: str) -> str:
        """What the guard says that became of a document."""
        try:
            self.answer(document, import_filter, **headers)
        except NotConverted as failure:
            return failure.outcome
        return "converted"


class NotConverted(Exception):
    """A guard's answer that is no PDF."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(frozen=True)
class Call:
    """A document, and what the viewer tells a guard about it."""

    document: bytes
    import_filter: str
    seconds: float = 60


@dataclass(frozen=True)
class GuardAnswer:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def outcome(self) -> str:
        """The guard's word, or nothing where no guard answered."""
        return self.headers.get("x-conversion-outcome", "")


def post(port: int, call: Call, path: str = "/", **headers: str) -> GuardAnswer:
    """Send a document as the viewer does; `headers` are other than the usual ones, `_` stands for `-`."""
    usual = {
        "X-Import-Filter": call.import_filter,
        "X-Last-Page": "2000",
        "X-Work-Seconds": f"{call.seconds:.2f}",
        "X-Max-Bytes": str(MAX_PDF_BYTES),
        "X-Document-Locale": LOCALE,
    }
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=100)
    try:
        connection.request("POST", path, call.document, usual | changed)
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return GuardAnswer(answer.status, names, answer.read())
    finally:
        connection.close()


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short name: LibreOffice puts a Unix socket in it."""
    folder = Path(tempfile.mkdtemp(prefix="office-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def guarded(*, scripts: Path = SCRIPTS, seconds: float = 60, **settings: int | str) -> Iterator[Guard]:
    """A guard that starts, until the block ends; see `Guard.wait_ready`.

    Args:
        scripts: where guard.py is.
        seconds: of processor time that it is told for each document.
        settings: of the guard, see deploy/unoserver/settings.py.
    """
    with short_folder() as folder:
        guard = Guard(
            folder, {name.upper(): value for name, value in settings.items()}, scripts, seconds=seconds
        )
        guard.start()
        try:
            yield guard
        finally:
            guard.stop()


def text_of(pdf: bytes) -> str:
    """All that a reader can read in a PDF."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
