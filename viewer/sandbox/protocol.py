"""What the web worker and the sandbox's fork server say to each other."""

import json
from dataclasses import asdict, dataclass
from typing import Any

MAX_JOB = 64 * 1024
"""Bytes of a job's description."""
MAX_VERDICT = 256
"""Bytes of a verdict."""
HELLO_BYTES = 64 * 1024
"""Bytes of what the server says of itself when it is ready."""
ALIVE_SECONDS = 2.0
"""How often the server says, to everybody who waits, that it is alive."""

DONE, REFUSED, CRASHED, NOT_SET_UP = 0, 1, 2, 3
"""A child's exit codes: the result is there; the head holds an error's code; the head holds the class of an
exception that the code should not raise; the child's limits could not be set and it saw no document."""

ALIVE = "alive"
"""No verdict yet."""
LATE = "late"
"""The child used up its processor time."""
OVERLOADED = "overloaded"
"""The child ran far longer than its processor time allows for, without getting it."""
BUSY = "busy"
"""No place became free in time, or the owner had too many slow documents already."""
NO_FORK = "no fork"
"""The machine has no room for another process."""


@dataclass(frozen=True, slots=True)
class Job:
    """The work of one child.

    Args:
        task: the name of what it does with the document.
        arguments: of the task; JSON.
        owner: whose document it is, for sharing places fairly; never logged.
        seconds: of processor time.
        memory_bytes: of address space.
        max_bytes: of the result.
    """

    task: str
    arguments: dict[str, Any]
    owner: str
    seconds: int
    memory_bytes: int
    max_bytes: int

    def encoded(self) -> bytes:
        """The job as one message.

        Raises:
            ValueError: it is larger than `MAX_JOB`.
        """
        message = json.dumps(asdict(self)).encode()
        if len(message) > MAX_JOB:
            raise ValueError("the job is too large to send")
        return message

    @classmethod
    def decoded(cls, message: bytes) -> "Job":
        """The job that `encoded` made this message of."""
        return cls(**json.loads(message))
