"""The guard replaces an office that hangs, dies, breaks, has worked much, or met a bad document."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conversion import papers
from tests.conversion.offices import Guard, guarded, processes
from tests.running.waiting import listens, wait_until
from tests.viewer import samples

REPLACED_SECONDS = 10


@pytest.mark.parametrize(
    "document",
    [samples.word()[:-300], b"hello " * 100, samples.locked_word(), b"<html>hello</html>"],
    ids=["cut short", "no zip", "locked", "another kind"],
)
def test_an_office_that_failed_at_a_document_gets_no_other(guard: Guard, document: bytes) -> None:
    office = guard.wait_ready()
    assert guard.outcome(document) == "load-failed"
    assert not listens(guard.port), "the next document must not be sent here before there is a fresh office"
    assert guard.wait_ready() != office
    assert guard.answer(samples.word())


def test_a_document_that_hangs_is_stopped_in_time(rough: Guard) -> None:
    office = rough.offices()[0]
    started = time.monotonic()
    assert rough.outcome(papers.endless()) == "timeout"
    assert not listens(rough.port), "the next document must not be sent here"
    assert time.monotonic() - started < 40, "the limit is 3 seconds of processor time"
    wait_until(lambda: listens(rough.port), REPLACED_SECONDS, "replaced")
    assert rough.wait_ready() != office
    assert rough.answer(samples.word())


@pytest.mark.parametrize(
    "how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP], ids=["killed", "crashed", "hung"]
)
def test_an_office_that_fails_while_idle_is_replaced(rough: Guard, how: signal.Signals) -> None:
    office = rough.offices()[0]
    rough.kill_office(how)
    wait_until(lambda: office not in processes(rough.mark), 15, "noticed")
    assert rough.wait_ready() != office
    assert rough.answer(samples.word())


def test_the_caller_hears_died_when_an_office_dies_at_its_document(rough: Guard) -> None:
    office = rough.offices()[0]
    with ThreadPoolExecutor() as callers:
        lost = callers.submit(rough.outcome, papers.endless())
        wait_until(lambda: rough.at_work, 5, "at work")
        rough.kill_office()
        assert lost.result() == "died"
    assert rough.wait_ready() != office


def test_an_office_that_died_before_answers_busy_never_died(rough: Guard) -> None:
    """The caller hears "busy", is refused, or is served by the next office; never "died"."""
    dying = processes(rough.mark)
    rough.kill_office()
    wait_until(lambda: dying.keys().isdisjoint(processes(rough.mark)), 5, "dead")
    with suppress(OSError):
        assert rough.outcome(samples.word()) in {"busy", "converted"}
    assert rough.wait_ready()


def test_a_new_office_starts_with_a_new_profile(rough: Guard) -> None:
    mark = rough.work_folder / "profile/user/left-behind"
    mark.touch()
    rough.kill_office()
    wait_until(lambda: not mark.exists(), REPLACED_SECONDS, "a new profile")
    rough.wait_ready()
    assert not mark.exists()


@pytest.fixture
def recycled() -> Iterator[Guard]:
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


def test_a_real_office_that_answers_errors_only_is_replaced(rough: Guard) -> None:
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


def test_an_office_is_recycled_while_its_port_stays_open(recycled: Guard) -> None:
    """After its number of documents, while the port stays open and no document is refused."""
    first = recycled.wait_ready()
    seen = set()

    def replaced_twice() -> bool:
        assert listens(recycled.port)
        assert recycled.answer(samples.word())
        seen.update(recycled.offices())
        return len(recycled.events("replaced")) == 2

    wait_until(replaced_twice, 120, "replaced twice")
    assert not recycled.events("not converted")
    assert first not in recycled.offices()
    wait_until(lambda: len(recycled.offices()) == 1, REPLACED_SECONDS, "one office is left")


def test_a_large_office_is_replaced() -> None:
    with guarded(recycle_mb=1) as guard:
        first = guard.wait_ready()
        wait_until(lambda: guard.events("replaced"), 60, "replaced")
        assert guard.events("replaced")[0]["resident_mb"] > 1
        assert first not in guard.offices()


def test_an_office_that_dies_while_its_replacement_starts_is_replaced(recycled: Guard) -> None:
    first = recycled.wait_ready()
    starts = len(recycled.events("ready"))
    for _ in range(4):
        assert recycled.answer(samples.word())
    wait_until(lambda: len(recycled.offices()) == 2, 30, "a successor starts")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(recycled.events("ready")) > starts and listens(recycled.port), 60, "succeeded")
    assert recycled.answer(samples.word())


def test_a_guard_stopped_while_a_replacement_starts_leaves_nothing(recycled: Guard) -> None:
    recycled.wait_ready()
    for _ in range(4):
        assert recycled.answer(samples.word())
    wait_until(lambda: len(recycled.offices()) == 2, 30, "a successor starts")
    recycled.stop()
    assert recycled.process is not None
    assert recycled.process.returncode == 0
    assert not processes(recycled.mark)


def test_an_office_that_answers_errors_only_is_replaced(scripts: Path) -> None:
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


def test_the_port_stays_closed_until_an_office_is_healthy(scripts: Path) -> None:
    (scripts / "office.py").write_text(BREAKS.format(broken=True))
    with guarded(scripts=scripts) as guard:
        wait_until(lambda: listens(guard.port) or guard.events("office did not start"), 10, "an attempt")
        assert not listens(guard.port)


def test_an_office_of_another_locale_is_not_put_to_work(scripts: Path) -> None:
    text = (scripts / "office.py").read_text()
    made = 'make_profile(folder / "profile", locale)'
    assert made in text
    (scripts / "office.py").write_text(text.replace(made, made.replace("locale", '"en-US"')))
    with guarded(scripts=scripts) as guard:
        wait_until(lambda: listens(guard.port) or guard.events("office did not start"), 60, "an attempt")
        assert not listens(guard.port)
        assert guard.events("office did not start")[0]["error"] == "LocaleMismatch"
