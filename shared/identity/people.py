"""The nouns: a person, the groups they may be in, and what every way of signing in can do. No Flask."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shared.actor import Actor

if TYPE_CHECKING:
    from flask import Blueprint


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has proved who they are.

    Args:
        email: their address, lower case.
        groups: display names of their groups, where the proof itself lists them; empty with Google.
        proved_at: when that was, in seconds since 1970: the sign-in, or a token's making.
    """

    email: str
    groups: frozenset[str] = frozenset()
    proved_at: float = 0


class Groups(Protocol):
    """Who is in one group."""

    def is_member(self, person: Person) -> bool:
        """Whether the person is in the group now, or was less than the memory's time ago.

        Raises:
            SignInUnavailable: the directory cannot be asked.
        """


class Provider(Protocol):
    """A way to know who somebody is."""

    @property
    def blueprint(self) -> "Blueprint":
        """The routes `sign_in.login` and `sign_in.authorized`."""

    def current(self, email: str, since: float) -> Person | None:
        """The person whose session this request belongs to; None where the provider says it is over.

        Args:
            email: as the session has it.
            since: when the session began, in seconds since 1970.
        """

    def bearer(self, untrusted_token: str) -> Person:
        """Whom a program's bearer token stands for.

        Raises:
            TokenRefused: it is not genuine, too old, or for another service.
            WrongDomain: it is genuine, but not of the council.
            SignInUnavailable: the keys that prove it cannot be fetched.
        """


class Revocations(Protocol):
    """From when on proofs of a person count; shared by all workers and replicas."""

    def valid_from(self, email: str) -> float:
        """Sessions and tokens made up to then (seconds since 1970) are over; 0: none was revoked."""

    def revoke(self, email: str, by: Actor) -> None:
        """End every session of this person, on every device.

        Args:
            email: whose.
            by: who wants it so.
        """
