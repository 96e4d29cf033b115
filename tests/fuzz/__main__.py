"""Runs atheris on each target for so many seconds: `python -m tests.fuzz [SECONDS] [TARGET…]`.

Each target has a process of its own, since a fuzzer ends with its process. What is found is kept in
`tests/fuzz/found/TARGET`, which `test_replay.py` tries ever after. Exits with 1 if anything was found.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.targets import FOUND, TARGETS, seeds, tried

_CHILD = "--in-this-process"
_MEMORY_MB = 1536
"""In memory, all together; the sandbox gives a child as much address space."""
_AT_ONCE_MB = 512
"""Of one allocation: no input is longer than `_LONGEST`."""
_SLOWEST_SECONDS = 10
"""For one input of at most `_LONGEST`, by the clock. It is as much a finding as an exception."""
_LONGEST = 65536


def _run(name: str, seconds: int) -> bool:
    """Fuzz one target in a process of its own; say whether nothing was found."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", _CHILD, name, str(seconds)],
        timeout=seconds * 3 + 120,
        capture_output=True,
        text=True,
        check=False,
    )
    told = ("runs in", "exception", "timeout", "out-of-memory")
    last = [line for line in done.stderr.splitlines() if any(word in line.lower() for word in told)]
    print(
        f"{name}: {'nothing found' if done.returncode == 0 else 'FOUND'}; {' '.join(last[-2:])}", flush=True
    )
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-3000:], flush=True)
    return done.returncode == 0


def _fuzz(name: str, seconds: int) -> None:
    import atheris  # noqa: PLC0415 - it changes the process that it is imported in

    atheris.instrument_imports(include=["viewer"])
    found = FOUND / name
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds(name)):
            (Path(folder) / str(number)).write_bytes(seed)
        options = [
            f"-max_total_time={seconds}",
            f"-rss_limit_mb={_MEMORY_MB}",
            f"-timeout={_SLOWEST_SECONDS}",
            f"-artifact_prefix={found}/",
            f"-malloc_limit_mb={_AT_ONCE_MB}",
            f"-max_len={_LONGEST}",
        ]
        atheris.Setup([sys.argv[0], *options, folder], lambda body: tried(name, body))
        atheris.Fuzz()


def _main(arguments: list[str]) -> int:
    seconds = int(arguments[0]) if arguments else 20
    broken = [name for name in arguments[1:] or TARGETS if not _run(name, seconds)]
    return 1 if broken else 0


if __name__ == "__main__":
    if sys.argv[1:2] == [_CHILD]:
        _fuzz(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(_main(sys.argv[1:]))
