"""Schedules the children of the sandbox: owners share the slots fairly, and slow children take turns.

Most documents take milliseconds, in one of a few slots. A child that takes longer than `SLOW_AFTER` gives its
slot up and continues at low priority, in turns of `SLOW_AFTER` with the other slow children, which are
stopped meanwhile. So slow documents delay each other, and no other document.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, TypeVar

SLOTS = 3
"""Children of one web worker that run at the same time, besides slow ones."""
SLOTS_OF_ONE_OWNER = SLOTS - 1
"""Slots that one owner may use."""
SLOW_SLOTS = 1
"""Slow children that run at the same time."""
MAX_SLOW = 4
"""Slow children that are kept, the stopped ones included: each may hold its whole memory limit."""
SLOW_AFTER = 2.0
"""Seconds of running after which a child is slow."""
QUEUE_SECONDS = 20.0
"""How long a job waits for a slot."""
WALL_FACTOR = 15
"""A child may run for so many times its processor time; then the machine is overloaded."""


@dataclass(eq=False)
class Waiting:
    """A job that has no child yet.

    Args:
        owner: whose document it is.
        since: when it came, in seconds.
    """

    owner: str
    since: float


@dataclass(eq=False)
class Running:
    """A child.

    Args:
        owner: whose document it has.
        seconds: its limit of processor time.
        since: when it was started or last resumed; in seconds.
        ran: seconds before that.
        slow: whether it gave up its place.
        stopped: whether it waits for its turn among the slow ones.
    """

    owner: str
    seconds: float
    since: float
    ran: float = 0.0
    slow: bool = False
    stopped: bool = False

    def running_for(self, now: float) -> float:
        """Seconds that it has run, the time that it was stopped left out."""
        return self.ran + (0.0 if self.stopped else now - self.since)


JobT = TypeVar("JobT", bound=Waiting)
ChildT = TypeVar("ChildT", bound=Running)


@dataclass
class Schedule(Generic[JobT, ChildT]):
    """The state of all jobs and children, and what is to be done next. It starts and signals nothing."""

    waiting: list[JobT] = field(default_factory=list)
    children: list[ChildT] = field(default_factory=list)

    def next_job(self) -> JobT | None:
        """The job to start now, if a slot is free: the oldest job of the owner with the fewest slots."""
        fast = Counter(child.owner for child in self.children if not child.slow)
        if fast.total() >= SLOTS:
            return None
        admissible = [job for job in self.waiting if fast[job.owner] < SLOTS_OF_ONE_OWNER]
        return min(admissible, key=lambda job: (fast[job.owner], job.since), default=None)

    def expired(self, now: float) -> list[JobT]:
        """Jobs that waited too long."""
        return [job for job in self.waiting if now - job.since >= QUEUE_SECONDS]

    def newly_slow(self, now: float) -> list[ChildT]:
        """Children that are to give their place up."""
        return [child for child in self.children if not child.slow and child.running_for(now) >= SLOW_AFTER]

    def overloaded(self, now: float) -> list[ChildT]:
        """Children that did not get their processor time."""
        return [child for child in self.children if child.running_for(now) >= child.seconds * WALL_FACTOR]

    def too_many_slow(self) -> ChildT | None:
        """The slow child to be ended for want of room: the latest of the owner who has the most."""
        slow = [child for child in self.children if child.slow]
        if len(slow) <= MAX_SLOW:
            return None
        count = Counter(child.owner for child in slow)
        return max(slow, key=lambda child: (count[child.owner], slow.index(child)))

    def to_stop(self, now: float) -> list[ChildT]:
        """Slow children beyond those that may run, or whose turn is over while others wait for theirs."""
        slow = [child for child in self.children if child.slow]
        running = [child for child in slow if not child.stopped]
        if len(running) > SLOW_SLOTS:
            return running[SLOW_SLOTS:]
        others = len(running) < len(slow)
        return [child for child in running if others and now - child.since >= SLOW_AFTER]

    def to_resume(self, now: float) -> ChildT | None:
        """The stopped child whose turn it is, if there is a place: its owner's slow ones ran the least."""
        slow = [child for child in self.children if child.slow]
        if sum(not child.stopped for child in slow) >= SLOW_SLOTS:
            return None
        ran: Counter[str] = Counter()
        for child in slow:
            ran[child.owner] += int(child.running_for(now))
        stopped = [child for child in slow if child.stopped]
        return min(stopped, key=lambda child: (ran[child.owner], child.ran), default=None)

    def next_change(self, now: float) -> float | None:
        """Seconds until something is to be done though nothing happens; None where nothing is."""
        changes = [job.since + QUEUE_SECONDS - now for job in self.waiting]
        others = any(child.stopped for child in self.children)
        for child in self.children:
            if child.stopped:
                continue
            changes.append(child.seconds * WALL_FACTOR - child.running_for(now))
            if not child.slow:
                changes.append(SLOW_AFTER - child.running_for(now))
            elif others:
                changes.append(child.since + SLOW_AFTER - now)
        return max(0.0, min(changes)) if changes else None
