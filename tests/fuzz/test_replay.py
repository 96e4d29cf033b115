"""What fuzzing once found stays mended."""

from pathlib import Path

import pytest

from tests.fuzz.targets import FOUND, TARGETS, seeds, tried

_INPUTS = [path for path in sorted(FOUND.glob("*/*")) if path.is_file()]


@pytest.mark.parametrize("path", _INPUTS, ids=lambda path: f"{path.parent.name}-{path.name[:20]}")
def test_an_input_that_was_found_ends_in_a_result_or_a_typed_refusal(path: Path) -> None:
    tried(path.parent.name, path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_fuzzing_starts_from_files_that_work_and_from_their_halves(name: str) -> None:
    for seed in seeds(name):
        tried(name, seed)
        tried(name, seed[: len(seed) // 2])
