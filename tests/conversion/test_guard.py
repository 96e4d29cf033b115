"""The guard with a real LibreOffice: what it takes, and what it does when an office hangs, dies or breaks."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conversion import papers
from tests.conversion.offices import (
    EXCEL,
    SCRIPTS,
    WORD,
    Guard,
    NotConverted,
    guarded,
    listens,
    processes,
    text_of,
    wait_until,
)
from tests.viewer import samples

SECRET_TEXT = "Ms Example of 1 Sample Street"
REPLACED_SECONDS = 10
RTF = "Rich Text Format"


@pytest.mark.parametrize(
    ("document", "import_filter", "words"),
    [
        (samples.word("A case note."), WORD, "A case note."),
        (samples.excel(), EXCEL, ""),
        (samples.slides(), "Impress MS PowerPoint 2007 XML", ""),
        (b"{\\rtf1 A letter.}", RTF, "A letter."),
        ("\ufeffPlain £5".encode(), "Text", "Plain £5"),
    ],
    ids=["docx", "xlsx", "pptx", "rtf", "txt"],
)
def test_converts_each_usual_kind(guard: Guard, document: bytes, import_filter: str, words: str) -> None:
    pdf = guard.answer(document, import_filter)
    assert pdf.startswith(b"%PDF-")
    assert words in text_of(pdf)


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Import_Filter": ""},
        {"X_Import_Filter": "x" * 101},
        {"X_Import_Filter": "M\xfcller"},
        {"X_Last_Page": "0"},
        {"X_Last_Page": "-1"},
        {"X_Last_Page": "1;ExportNotes=true"},
        {"X_Work_Seconds": "0.00"},
        {"X_Work_Seconds": "nan"},
        {"X_Work_Seconds": "601.0"},
        {"X_Max_Bytes": "all"},
        {"X_Max_Bytes": str(2**31)},
        {"Content_Length": "+5"},
        {"Content_Length": "-5"},
    ],
    ids=str,
)
def test_refuses_what_is_malformed(guard: Guard, headers: dict[str, str]) -> None:
    office = guard.offices()
    assert guard.outcome(samples.word(), **headers) == "refused"
    assert guard.offices() == office


def test_an_unknown_filter_loads_nothing(guard: Guard) -> None:
    assert guard.outcome(samples.word(), "no such filter") == "load-failed"
    guard.wait_ready()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_are_no_verdict(guard: Guard, method: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", guard.port, timeout=10)
    connection.request(method, "/")
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 501
    assert answer.getheader("X-Conversion-Outcome") is None


@pytest.mark.parametrize(
    "document",
    [samples.word()[:-300], b"hello " * 100, samples.locked_word(), b"<html>hello</html>"],
    ids=["cut short", "no zip", "locked", "another kind"],
)
def test_nobody_gets_the_office_of_a_bad_document(guard: Guard, document: bytes) -> None:
    office = guard.wait_ready()
    assert guard.outcome(document) == "load-failed"
    assert not listens(guard.port), "the next document must not be sent here before there is a fresh office"
    assert guard.wait_ready() != office
    assert guard.answer(samples.word())


def test_a_pdf_beyond_the_callers_limit_is_thrown_away(rough: Guard) -> None:
    assert rough.outcome(samples.word(), X_Max_Bytes="1000") == "too-large"
    rough.wait_ready()
    assert rough.answer(samples.word())


def test_a_document_beyond_the_cap_is_taken_and_thrown_away(rough: Guard) -> None:
    """Its caller hears why, rather than losing the connection."""
    office = rough.offices()
    assert rough.outcome(bytes(201 * 1024 * 1024)) == "too-large"
    assert rough.offices() == office


def test_log_holds_nothing_of_the_documents(guard: Guard) -> None:
    guard.answer(samples.word(SECRET_TEXT))
    assert guard.outcome(samples.word(SECRET_TEXT)[:-300]) == "load-failed"
    converted, refused = guard.events("converted")[-1], guard.events("not converted")[-1]
    assert converted.keys() == {"event", "filter", "bytes", "seconds", "processor_seconds", "service", "at"}
    assert refused.keys() == {"event", "outcome", "error", "seconds", "processor_seconds", "service", "at"}
    assert refused["error"].isidentifier(), "the name of an exception, without its message"
    assert "Example" not in guard.log.read_text()


def test_a_document_that_hangs_is_stopped_in_time(rough: Guard) -> None:
    office = rough.offices()[0]
    started = time.monotonic()
    assert rough.outcome(papers.endless()) == "timeout"
    assert not listens(rough.port), "the next document must not be sent here"
    assert time.monotonic() - started < 10, "the limit is 3 seconds"
    wait_until(lambda: listens(rough.port), REPLACED_SECONDS, "replaced")
    assert rough.wait_ready() != office
    assert rough.answer(samples.word())


def test_works_on_one_document_at_a_time(rough: Guard) -> None:
    with ThreadPoolExecutor() as callers:
        slow = callers.submit(rough.outcome, papers.endless())
        wait_until(lambda: rough.at_work, 10, "at work")
        assert rough.outcome(samples.word()) == "busy"
        assert slow.result() == "timeout"


@pytest.mark.parametrize(
    "how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP], ids=["killed", "crashed", "hung"]
)
def test_an_office_that_fails_while_idle_is_replaced(rough: Guard, how: signal.Signals) -> None:
    office = rough.offices()[0]
    rough.kill_office(how)
    wait_until(lambda: office not in processes(rough.mark), 15, "noticed")
    assert rough.wait_ready() != office
    assert rough.answer(samples.word())


def test_a_document_whose_office_dies_is_told_so(rough: Guard) -> None:
    office = rough.offices()[0]
    with ThreadPoolExecutor() as callers:
        lost = callers.submit(rough.outcome, papers.endless())
        wait_until(lambda: rough.at_work, 5, "at work")
        rough.kill_office()
        assert lost.result() == "died"
    assert rough.wait_ready() != office


def test_a_document_for_an_office_that_died_before_is_not_blamed(rough: Guard) -> None:
    """The caller hears "busy", is refused, or is served by the next office; never "died"."""
    dying = processes(rough.mark)
    rough.kill_office()
    wait_until(lambda: dying.keys().isdisjoint(processes(rough.mark)), 5, "dead")
    with suppress(OSError):
        assert rough.outcome(samples.word()) in {"busy", "converted"}
    assert rough.wait_ready()


def test_every_start_has_a_fresh_profile(rough: Guard) -> None:
    mark = rough.work_folder / "profile/user/left-behind"
    mark.touch()
    rough.kill_office()
    wait_until(lambda: not mark.exists(), REPLACED_SECONDS, "a new profile")
    rough.wait_ready()
    assert not mark.exists()


def test_an_office_sees_no_network_no_process_and_no_file_of_anyone(guard: Guard) -> None:
    """Where this fails, the kernel allows no namespaces, and only the other defences are left."""
    office, own = guard.offices()[0], os.getpid()
    assert not guard.events("no jail")
    for namespace in ("net", "pid", "mnt", "ipc", "uts"):
        theirs, ours = (Path(f"/proc/{pid}/ns/{namespace}").readlink() for pid in (office, own))
        assert theirs != ours
    interfaces = Path(f"/proc/{office}/net/dev").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    root = Path(f"/proc/{office}/root")
    assert not any((root / path).exists() for path in ("home", "root", "srv", "etc/passwd", str(SCRIPTS)[1:]))
    assert {path.name for path in (root / "tmp").iterdir() if path.is_dir()} == {guard.work_folder.name}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("how_it_lives", ["bubblewrap", "none"])
def test_an_office_is_nobody_with_no_rights(how_it_lives: str) -> None:
    with guarded(jail=how_it_lives) as guard:
        guard.folder.chmod(0o711)
        guard.wait_ready()
        lines = Path(f"/proc/{guard.offices()[0]}/status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        assert set(status["Uid"].split()) == {str(40_000 + guard.port)}
        assert not status["Groups"].strip()
        assert not any(int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"))
        assert status["NoNewPrivs"] == "1"
        assert guard.answer(samples.word())


def test_without_namespaces_the_guard_says_so_and_works(tmp_path: Path, scripts: Path) -> None:
    """As in a container that forbids them."""
    forbidden = (scripts / "jail.py").read_text().replace("/usr/bin/bwrap", "/usr/bin/false")
    (scripts / "jail.py").write_text(forbidden)
    with guarded(scripts=scripts) as guard:
        guard.wait_ready()
        assert guard.events("no jail")
        assert guard.answer(samples.word())


def test_memory_and_file_sizes_are_limited(rough: Guard) -> None:
    limits = Path(f"/proc/{rough.offices()[0]}/limits").read_text()
    assert f"Max data size             {1200 * 1024 * 1024}" in limits
    assert f"Max address space         {2400 * 1024 * 1024}" in limits
    assert f"Max file size             {1024**3}" in limits
    assert "Max core file size        0" in limits


def test_sigterm_leaves_nothing() -> None:
    with guarded() as guard:
        guard.wait_ready()
        guard.stop()
        assert guard.process is not None
        assert guard.process.returncode == 0
        assert not processes(guard.mark)
        assert [path.name for path in guard.folder.iterdir() if not path.name.endswith(".lock")] == [
            "guard.log"
        ]


def test_sigterm_while_a_document_is_at_work() -> None:
    """The caller hears at once that the document was not at fault, or loses the connection; never "died"."""
    with guarded() as guard, ThreadPoolExecutor() as callers:
        guard.wait_ready()
        lost = callers.submit(guard.outcome, papers.endless())
        wait_until(lambda: guard.at_work, 5, "at work")
        guard.stop()
        assert lost.result(timeout=5) == "busy"
        assert not processes(guard.mark)


@pytest.mark.parametrize("how_it_lives", ["bubblewrap", "none"])
def test_a_killed_guard_takes_its_office_along(how_it_lives: str) -> None:
    with guarded(jail=how_it_lives) as guard:
        guard.wait_ready()
        assert guard.process is not None
        guard.process.kill()
        guard.process.wait()
        wait_until(lambda: not processes(guard.mark), 5, "the office ends")


def test_a_guard_cleans_up_after_one_that_was_killed() -> None:
    """Where an office has no files of its own kind, what was in its folder would stay."""
    with guarded(jail="none") as guard:
        guard.wait_ready()
        assert guard.process is not None
        guard.process.kill()
        guard.process.wait()
        wait_until(lambda: not processes(guard.mark), 5, "the office ends")
        left_behind = guard.folder / f"unoserver-{guard.port}-0/a document"
        left_behind.touch()
        guard.start()
        guard.wait_ready()
        assert not left_behind.exists()


def test_a_second_guard_on_the_same_port_refuses_to_start(guard: Guard) -> None:
    office = guard.offices()
    with_same_port = Guard(guard.folder, port=guard.port)
    second = subprocess.run(
        [str(SCRIPTS.parents[1] / ".venv-unoserver/bin/python"), str(SCRIPTS / "guard.py")],
        env={"TMPDIR": str(guard.folder), "UNOSERVER_PORT": str(with_same_port.port)},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert second.returncode == 1
    assert f"Another guard has port {guard.port}." in second.stderr
    assert guard.offices() == office


def test_a_wrong_setting_ends_the_start_with_a_sentence() -> None:
    result = subprocess.run(
        [str(SCRIPTS.parents[1] / ".venv-unoserver/bin/python"), str(SCRIPTS / "guard.py")],
        env={"UNOSERVER_MEMORY_MB": "4G"},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert result.returncode == 1
    assert "UNOSERVER_MEMORY_MB must be a whole number." in result.stderr


def test_connections_that_say_nothing_do_not_keep_others_out(guard: Guard) -> None:
    silent = [socket.create_connection(("127.0.0.1", guard.port)) for _ in range(20)]
    assert guard.answer(samples.word())
    for connection in silent:
        connection.close()


def test_callers_that_hang_up_free_the_office(rough: Guard) -> None:
    done = len(rough.events("converted"))
    with socket.create_connection(("127.0.0.1", rough.port)) as hasty:
        document = samples.word()
        head = f"Content-Length: {len(document)}\r\nX-Import-Filter: {WORD}\r\nX-Last-Page: 9\r\n"
        head += "X-Work-Seconds: 3.00\r\nX-Max-Bytes: 999999\r\n"
        hasty.sendall(f"POST / HTTP/1.1\r\n{head}\r\n".encode() + document)
    wait_until(lambda: len(rough.events("converted")) > done, 10, "its work is done")
    assert rough.answer(samples.word())


@pytest.fixture
def worn() -> Iterator[Guard]:
    """A guard whose offices are replaced after four documents more than their canaries."""
    with guarded(recycle_jobs=8) as guard:
        yield guard


BREAKS = """
import json, socket, sys
with socket.socket(fileno=int(sys.argv[1])) as guard, guard.makefile("rwb") as channel:
    broken = {broken}
    while line := channel.readline():
        document = channel.read(json.loads(line)["size"])
        broken = broken or b"BREAK" in document
        converted = {{"size": 5, "notices": {{}}}}
        answer = {{"error": "RuntimeError"}} if broken or b"BAD" in document else converted
        answer["resident_mb"] = 1
        channel.write(json.dumps(answer).encode() + b"\\n" + (b"" if "error" in answer else b"%PDF-"))
        channel.flush()
"""
"""An office that answers errors to every document after one that breaks it, alive all the while."""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A copy of the guard beside which a test puts an office of its own."""
    shutil.copytree(SCRIPTS, tmp_path / "unoserver", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "unoserver"


def test_a_real_office_that_is_broken_though_alive_is_replaced(rough: Guard) -> None:
    """It may open no more files: it answers all that it is asked, and fails at every document."""
    office = rough.offices()[0]
    _open_no_more_files(office)
    # "busy" where the idle canary noticed first
    assert rough.outcome(samples.word()) in {"died", "busy"}, "the document is to be tried elsewhere"
    assert not listens(rough.port)
    assert rough.events("office is unhealthy")[-1]["error"] != "stopped after 5 s", "it answered"
    assert rough.wait_ready() != office
    assert rough.answer(samples.word())


def _open_no_more_files(office: int) -> None:
    """Done as the office's own user: even root may need a right for it that containers do not have."""
    uid = Path(f"/proc/{office}/status").read_text().partition("Uid:\t")[2].split("\t")[0]
    as_user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if os.getuid() == 0 else []
    subprocess.run([*as_user, "prlimit", f"--pid={office}", "--nofile=1:1"], check=True)


def test_a_worn_office_is_replaced_without_a_gap(worn: Guard) -> None:
    """After its number of documents; the port is open all the while, and nobody is refused."""
    first = worn.wait_ready()
    seen = set()

    def replaced_twice() -> bool:
        assert listens(worn.port)
        assert worn.answer(samples.word())
        seen.update(worn.offices())
        return len(worn.events("replaced")) == 2

    wait_until(replaced_twice, 120, "replaced twice")
    assert not worn.events("not converted")
    assert first not in worn.offices()
    wait_until(lambda: len(worn.offices()) == 1, REPLACED_SECONDS, "one office is left")


def test_a_large_office_is_replaced() -> None:
    with guarded(recycle_mb=1) as guard:
        first = guard.wait_ready()
        wait_until(lambda: guard.events("replaced"), 60, "replaced")
        assert guard.events("replaced")[0]["resident_mb"] > 1
        assert first not in guard.offices()


def test_an_office_that_dies_while_its_successor_starts_is_succeeded(worn: Guard) -> None:
    first = worn.wait_ready()
    starts = len(worn.events("ready"))
    for _ in range(4):
        assert worn.answer(samples.word())
    wait_until(lambda: len(worn.offices()) == 2, 30, "a successor starts")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(worn.events("ready")) > starts and listens(worn.port), 60, "succeeded")
    assert worn.answer(samples.word())


def test_stopping_while_a_successor_starts_leaves_nothing(worn: Guard) -> None:
    worn.wait_ready()
    for _ in range(4):
        assert worn.answer(samples.word())
    wait_until(lambda: len(worn.offices()) == 2, 30, "a successor starts")
    worn.stop()
    assert worn.process is not None
    assert worn.process.returncode == 0
    assert not processes(worn.mark)


def test_an_office_that_is_broken_though_alive_is_replaced(scripts: Path) -> None:
    (scripts / "office.py").write_text(BREAKS.format(broken=False))
    with guarded(scripts=scripts) as guard:
        wait_until(lambda: listens(guard.port), 10, "ready")
        assert guard.answer(b"good")
        assert guard.outcome(b"BAD") == "load-failed"
        wait_until(lambda: listens(guard.port), 10, "replaced")
        assert guard.outcome(b"BREAK") == "died", "it answers, and cannot convert a canary any more"
        wait_until(lambda: listens(guard.port), 10, "replaced")
        assert len(guard.events("ready")) == 3
        assert guard.answer(b"good")


def test_the_port_stays_closed_until_an_office_proves_itself(scripts: Path) -> None:
    (scripts / "office.py").write_text(BREAKS.format(broken=True))
    with guarded(scripts=scripts) as guard:
        wait_until(lambda: listens(guard.port) or guard.events("office did not start"), 10, "an attempt")
        assert not listens(guard.port)


def test_forty_callers_at_once_are_each_answered(guard: Guard) -> None:
    """Whoever is not served hears "busy", and nobody gets another's document."""

    def one(number: int) -> bool:
        try:
            return f"Note {number}." in text_of(guard.answer(samples.word(f"Note {number}.")))
        except NotConverted as failure:
            return failure.outcome == "busy"

    with ThreadPoolExecutor(40) as callers:
        assert all(callers.map(one, range(40)))
