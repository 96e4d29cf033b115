"""Every way in which somebody is not let in. A service turns these into its own pages, in one place, by code.

A message given when one is raised is for the logs: a few technical words, never personal data.
"""

from typing import ClassVar


class IdentityError(Exception):
    """Who it is, or whether they may, is not sure."""

    code: ClassVar[str]
    status: ClassVar[int]
    account: str | None = None
    """The address that was refused, to be shown to that person alone."""
    target: str | None = None
    """The path on this site to which the person wanted to go, where a sign-in broke off."""


class SignedOut(IdentityError):
    """There is no valid session, and the request is not one that can be sent to sign in."""

    code = "signed_out"
    status = 401


class NotInGroup(IdentityError):
    """Signed in, but not a member of the group."""

    code = "not_in_group"
    status = 403


class WrongDomain(IdentityError):
    """Signed in with an account that is not the council's, or not verified."""

    code = "wrong_domain"
    status = 403


class SignInFailed(IdentityError):
    """The sign-in was cancelled, out of date, or not genuine."""

    code = "sign_in_failed"
    status = 400


class SignInUnavailable(IdentityError):
    """Nobody could be asked who this is, or whether they are in the group. Never a no."""

    code = "sign_in_unavailable"
    status = 503


class CrossSiteRequest(IdentityError):
    """A request that changes something came from another site."""

    code = "cross_site"
    status = 403


class TokenMissing(IdentityError):
    """A program came without a bearer token."""

    code = "token_missing"
    status = 401


class TokenRefused(IdentityError):
    """The bearer token is forged, too old, withdrawn, or meant for another service."""

    code = "token_refused"
    status = 401
