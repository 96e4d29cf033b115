"""Python loads this first where its folder is in PYTHONPATH: it writes down what a worker loads and reads.

The sandbox starts its programs with a path of its own, so they do not load it. Each line of the file in
WATCH_FILE is one event: ``import MODULE``, or ``read MODULE`` with the viewer's module that read from a file
without a name, in which document bytes travel.
"""

import builtins
import mmap
import os
import sys
import tempfile
from collections.abc import Callable
from typing import Any, Self

_FILE = os.environ.get("WATCH_FILE", "")
_READS = ("read", "read1", "readinto", "readline", "readlines", "getvalue", "peek", "__iter__", "__next__")
_OF_ITS_OWN = "prometheus_client."
"""Counts are in files that are mapped into memory; they hold no documents."""
_seen: set[tuple[int, str]] = set()


def _note(event: str) -> None:
    key = (os.getpid(), event)
    if key not in _seen:
        _seen.add(key)
        number = os.open(_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(number, f"{event}\n".encode())
        os.close(number)


def _note_reader() -> None:
    """Write down the viewer's module that is nearest in the stack; others read no documents."""
    frame = sys._getframe(2)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(_OF_ITS_OWN):
            return
        if name.startswith("viewer."):
            _note(f"read {name}")
            return
        frame = frame.f_back  # type: ignore[assignment]


class _Watched:
    """A file whose reads are written down."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        if name in _READS:
            _note_reader()
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(self, *reason: object) -> Any:
        return self._file.__exit__(*reason)

    def __iter__(self) -> Any:
        _note_reader()
        return iter(self._file)


def _watching(make: Callable[..., Any], has_no_name: Callable[[Any], bool]) -> Callable[..., Any]:
    def made(*arguments: Any, **options: Any) -> Any:
        file = make(*arguments, **options)
        first = arguments[0] if arguments else options.get("file")
        return _Watched(file) if has_no_name(first) else file

    return made


def _noted(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*arguments: Any, **options: Any) -> Any:
        _note_reader()
        return function(*arguments, **options)

    return called


def _watch() -> None:
    sys.addaudithook(lambda event, told: _note(f"import {told[0]}") if event == "import" else None)
    spooled = tempfile.SpooledTemporaryFile
    tempfile.SpooledTemporaryFile = _watching(spooled, lambda _: True)  # type: ignore[assignment,misc]
    tempfile.TemporaryFile = _watching(tempfile.TemporaryFile, lambda _: True)
    builtins.open = _watching(builtins.open, lambda first: isinstance(first, int))
    os.pread = _noted(os.pread)
    os.preadv = _noted(os.preadv)
    mmap.mmap = _noted(mmap.mmap)  # type: ignore[assignment,misc]


if _FILE:
    _watch()
