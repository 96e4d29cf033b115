"""How the sandbox's places are shared: between people, and between what is quick and what is slow."""

from viewer.sandbox.schedule import (
    MOST_SLOW,
    PLACES,
    QUEUE_SECONDS,
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


def test_one_person_never_has_every_place() -> None:
    schedule = _schedule(*[_quick("a") for _ in range(PLACES - 1)])
    schedule.waiting = [Waiting("a", NOW)]
    assert schedule.next_job() is None
    schedule.waiting.append(Waiting("b", NOW + 1))
    assert schedule.next_job() is schedule.waiting[1]


def test_who_has_fewest_places_is_next_and_among_equals_who_came_first() -> None:
    schedule = _schedule(_quick("a"))
    schedule.waiting = [Waiting("a", NOW), Waiting("c", NOW + 2), Waiting("b", NOW + 1)]
    assert schedule.next_job() is schedule.waiting[2]


def test_slow_children_take_no_place() -> None:
    schedule = _schedule(*[_slow("a") for _ in range(MOST_SLOW)])
    schedule.waiting = [Waiting("a", NOW)]
    assert schedule.next_job() is schedule.waiting[0]


def test_nothing_starts_while_every_place_is_taken() -> None:
    schedule = _schedule(*[_quick(name) for name in "abc"])
    schedule.waiting = [Waiting("d", NOW)]
    assert schedule.next_job() is None


def test_a_child_is_slow_after_its_time_of_running() -> None:
    quick, slow = _quick("a", NOW), _quick("b", NOW - SLOW_AFTER)
    assert _schedule(quick, slow).newly_slow(NOW) == [slow]


def test_of_slow_children_one_runs_and_the_others_wait_for_their_turn() -> None:
    first, second = _slow("a"), _slow("a")
    schedule = _schedule(first, second)
    assert schedule.to_stop(NOW) == [second]
    second.stopped = True
    assert schedule.to_stop(NOW) == []
    assert schedule.to_resume(NOW) is None
    assert schedule.to_stop(NOW + SLOW_AFTER) == [first], "its turn is over"


def test_a_lone_slow_child_goes_on_running() -> None:
    assert _schedule(_slow("a", since=NOW - 50)).to_stop(NOW) == []


def test_the_turn_goes_to_whose_owner_ran_least_and_then_to_what_ran_least() -> None:
    greedy, other, more = (
        _slow("a", stopped=True, ran=30),
        _slow("b", stopped=True, ran=20),
        _slow("b", stopped=True, ran=5),
    )
    assert _schedule(greedy, other, more).to_resume(NOW) is more


def test_beyond_the_room_for_slow_ones_the_latest_of_who_has_most_is_ended() -> None:
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


def test_who_waits_too_long_is_told() -> None:
    schedule = _schedule()
    schedule.waiting = [Waiting("a", NOW - QUEUE_SECONDS), Waiting("b", NOW)]
    assert schedule.given_up(NOW) == [schedule.waiting[0]]


def test_the_server_wakes_up_for_the_next_thing_to_do() -> None:
    schedule = _schedule()
    assert schedule.next_change(NOW) is None
    schedule.children = [_quick("a", NOW - SLOW_AFTER / 2)]
    assert schedule.next_change(NOW) == SLOW_AFTER / 2
    schedule.waiting = [Waiting("b", NOW - QUEUE_SECONDS + 0.25)]
    assert schedule.next_change(NOW) == 0.25
    schedule.children = [_slow("a", since=NOW), _slow("a", stopped=True)]
    schedule.waiting = []
    assert schedule.next_change(NOW) == SLOW_AFTER
