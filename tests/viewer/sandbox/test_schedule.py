"""How the sandbox's places are shared: between people, and between what is quick and what is slow."""

from viewer.sandbox.schedule import (
    MAX_SLOW,
    QUEUE_SECONDS,
    SLOTS,
    SLOW_AFTER,
    WALL_FACTOR,
    Running,
    Schedule,
    Waiting,
)

NOW = 1000.0


def _schedule(*children: Running) -> Schedule[Waiting, Running]:
    return Schedule(children=list(children))


def _quick(owner: str, since: float = NOW) -> Running:
    return Running(owner, 60, since)


def _slow(owner: str, *, stopped: bool = False, ran: float = 0, since: float = NOW) -> Running:
    return Running(owner, 60, since, ran=ran, slow=True, stopped=stopped)


def test_one_owner_never_has_every_slot() -> None:
    schedule = _schedule(*[_quick("a") for _ in range(SLOTS - 1)])
    schedule.waiting = [Waiting("a", NOW)]
    assert schedule.next_job() is None
    schedule.waiting.append(Waiting("b", NOW + 1))
    assert schedule.next_job() is schedule.waiting[1]


def test_the_owner_with_the_fewest_slots_is_next_then_the_oldest_job() -> None:
    schedule = _schedule(_quick("a"))
    schedule.waiting = [Waiting("a", NOW), Waiting("c", NOW + 2), Waiting("b", NOW + 1)]
    assert schedule.next_job() is schedule.waiting[2]


def test_slow_children_take_no_slot() -> None:
    schedule = _schedule(*[_slow("a") for _ in range(MAX_SLOW)])
    schedule.waiting = [Waiting("a", NOW)]
    assert schedule.next_job() is schedule.waiting[0]


def test_no_job_starts_while_every_slot_is_taken() -> None:
    schedule = _schedule(*[_quick(name) for name in "abc"])
    schedule.waiting = [Waiting("d", NOW)]
    assert schedule.next_job() is None


def test_a_child_is_slow_after_its_time_of_running() -> None:
    quick, slow = _quick("a", NOW), _quick("b", NOW - SLOW_AFTER)
    assert _schedule(quick, slow).newly_slow(NOW) == [slow]


def test_slow_children_run_one_at_a_time_in_turns() -> None:
    first, second = _slow("a"), _slow("a")
    schedule = _schedule(first, second)
    assert schedule.to_stop(NOW) == [second]
    second.stopped = True
    assert schedule.to_stop(NOW) == []
    assert schedule.to_resume(NOW) is None
    assert schedule.to_stop(NOW + SLOW_AFTER) == [first], "its turn is over"


def test_a_lone_slow_child_goes_on_running() -> None:
    assert _schedule(_slow("a", since=NOW - 50)).to_stop(NOW) == []


def test_the_turn_goes_to_the_owner_and_then_the_child_that_ran_least() -> None:
    greedy, other, more = (
        _slow("a", stopped=True, ran=30),
        _slow("b", stopped=True, ran=20),
        _slow("b", stopped=True, ran=5),
    )
    assert _schedule(greedy, other, more).to_resume(NOW) is more


def test_too_many_slow_children_end_the_latest_of_the_owner_with_the_most() -> None:
    children = [_slow("a"), _slow("a"), _slow("b"), _slow("a"), _slow("c")]
    schedule = _schedule(*children)
    assert schedule.too_many_slow() is children[3]
    schedule.children.remove(children[3])
    assert schedule.too_many_slow() is None


def test_time_that_a_child_was_stopped_does_not_count() -> None:
    stopped = _slow("a", stopped=True, ran=1, since=NOW - 10_000)
    assert stopped.running_for(NOW) == 1
    assert _schedule(stopped).overloaded(NOW) == []
    starved = _slow("a", since=NOW - 60 * WALL_FACTOR)
    assert _schedule(starved).overloaded(NOW) == [starved]


def test_a_job_that_waits_too_long_is_given_up() -> None:
    schedule = _schedule()
    schedule.waiting = [Waiting("a", NOW - QUEUE_SECONDS), Waiting("b", NOW)]
    assert schedule.expired(NOW) == [schedule.waiting[0]]


def test_the_next_change_is_when_the_fork_server_must_act() -> None:
    schedule = _schedule()
    assert schedule.next_change(NOW) is None
    schedule.children = [_quick("a", NOW - SLOW_AFTER / 2)]
    assert schedule.next_change(NOW) == SLOW_AFTER / 2
    schedule.waiting = [Waiting("b", NOW - QUEUE_SECONDS + 0.25)]
    assert schedule.next_change(NOW) == 0.25
    schedule.children = [_slow("a", since=NOW), _slow("a", stopped=True)]
    schedule.waiting = []
    assert schedule.next_change(NOW) == SLOW_AFTER
