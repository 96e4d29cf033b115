"""Offices are killed, bad documents come while people read: they get their documents, and nothing stays."""

from collections.abc import Iterator

import pytest

from tests.system.chaos import Plan, Stage
from tests.system.stack import Stack

pytestmark = pytest.mark.system


@pytest.fixture
def stage(stack: Stack) -> Iterator[Stage]:
    stage = Stage(stack)
    yield stage
    stage.clean()


def test_every_good_document_is_shown_and_nothing_leaks(stage: Stage) -> None:
    quiet = stage.play(Plan(people=6, seconds=4))
    assert quiet.waits
    assert not quiet.not_shown
    before = stage.held()
    seen = stage.play(Plan(people=6, seconds=12, kill_every=5, bad_people=1))
    assert seen.killed
    assert seen.bad
    assert not seen.not_shown
    assert not stage.leaks(before)
