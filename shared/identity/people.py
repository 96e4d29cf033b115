"""The types of the identity package: a person, groups, providers and revocations. No Flask."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shared.actor import Actor

if TYPE_CHECKING:
    from flask import Blueprint


@dataclass(frozen=True, slots=True)
class Person:
    """An authenticated person.

    Args:
        email: the e-mail address in lower case.
        groups: the display names of the groups that the council's token lists; empty with Google.
        proved_at: when the person signed in or the token was issued, in seconds since 1970.
    """

    email: str
    groups: frozenset[str] = frozenset()
    proved_at: float = 0


class Groups(Protocol):
    """The members of one group."""

    def is_member(self, person: Person) -> bool:
        """Whether the person is a member now, or was when the answer was cached.

        Raises:
            SignInUnavailable: the group directory did not answer.
        """


class Provider(Protocol):
    """An identity provider, which authenticates people and programs."""

    @property
    def blueprint(self) -> "Blueprint":
        """The routes `sign_in.login` and `sign_in.authorized`."""

    def current(self, email: str, since: float) -> Person | None:
        """The person of this request's session; None where the provider has ended the session.

        Args:
            email: the e-mail address in the session.
            since: when the session began, in seconds since 1970.
        """

    def bearer(self, untrusted_token: str) -> Person:
        """The person in whose name a bearer token was issued.

        Raises:
            TokenRefused: the token is not genuine, too old, or issued for another service.
            WrongDomain: the token is genuine, but not of the council's domain.
            SignInUnavailable: the keys that verify it cannot be fetched.
        """


class Revocations(Protocol):
    """The revocations of sessions and tokens; all workers and replicas share them."""

    def valid_from(self, email: str) -> float:
        """The time (seconds since 1970) up to which the person's sessions and tokens are revoked; else 0."""

    def revoke(self, email: str, by: Actor) -> None:
        """End every session and token of this person on every device.

        Args:
            email: the person's e-mail address.
            by: the person who revokes them.
        """
