"""One tree of everything that can go wrong for a person or a program, in every service.

Adapters, pipelines and sign-in raise problems; each service turns them into an answer in one place. A class
exists for each thing that a person would do differently about it. It stands below one of four branches, which
say what the problem is about: the document, the person who asks, the service, or the request. The services
add their own classes: `redirector/problems.py` and `viewer/errors.py`.

A message given when one is raised is for the logs: a few technical words, never personal data.
"""

from typing import ClassVar

BY_CODE: dict[str, "type[Problem]"] = {}
"""Every problem of the modules that this process has imported, by its code."""


class Problem(Exception):
    """Somebody does not get what was asked for. Every class that names a code is in `BY_CODE` from then on.

    Raises:
        TypeError: while a module is imported that names a code which another class has already.
    """

    code: ClassVar[str]
    """For logs, metrics, the audit and support; 3 to 32 lower-case letters and `_`."""
    status: ClassVar[int]
    """Of the HTTP answer."""
    title: ClassVar[str]
    """What happened, for the person."""
    sentence: ClassVar[str]
    """What to do about it; `{myoffice}` and `{council}` stand for names from the settings."""
    retry: ClassVar[bool] = False
    """Whether the cause passes by itself, so that trying again can help."""
    retry_seconds: int = 5
    """After how long trying again is worth while, where it can help."""
    myoffice: ClassVar[bool] = True
    """Whether the document can be opened in MyOffice all the same."""
    other_account: ClassVar[bool] = False
    """Whether another account may be allowed what this one is not."""
    lasting: ClassVar[bool] = False
    """Whether the same bytes will always fail this way, so that the refusal may be remembered."""
    account: str | None = None
    """The address that was refused at sign-in, to be shown to that person alone."""
    target: str | None = None
    """The path on this site to which the person wanted to go, where a sign-in broke off."""

    def __init_subclass__(cls) -> None:
        """Enter the class under its code."""
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            return
        known = BY_CODE.setdefault(cls.code, cls)
        if known is not cls:
            raise TypeError(
                f"{known.__module__}.{known.__name__} and {cls.__module__}.{cls.__name__} share a code"
            )

    def words(self, *, myoffice: str, council: str) -> str:
        """The sentence as people read it.

        Args:
            myoffice: what the council calls the virtual desktop.
            council: the council's name.
        """
        return self.sentence.format(myoffice=myoffice, council=council)


class DocumentProblem(Problem):
    """The document's own state keeps it from being shown, to everybody who opens the same bytes."""


class PersonProblem(Problem):
    """The person, or the program, is not known or may not do this."""


class ServiceProblem(Problem):
    """The service, or one that it depends on, fails. It says nothing about the document or the person."""


class RequestProblem(Problem):
    """The request does not name something that is there, or asks in a way that is not served."""


class SignedOut(PersonProblem):
    """There is no valid session, and the request is not one that can be sent to sign in."""

    code = "signed_out"
    status = 401
    title = "You have been signed out"
    sentence = "Reload this page to sign in again."
    myoffice = False


class NotInGroup(PersonProblem):
    """The person is signed in, but not a member of the group that may do this."""

    code = "not_in_group"
    status = 403
    other_account = True
    title = "Your account may not see documents"
    sentence = "You are signed in, but your account is not in the group of staff who may open documents here."


class WrongDomain(PersonProblem):
    """The account is not the council's, or its address is not verified."""

    code = "wrong_domain"
    status = 403
    other_account = True
    title = "Please use your work account"
    sentence = "You signed in with an account that does not belong to {council}."


class SignInFailed(PersonProblem):
    """The sign-in was cancelled, out of date, or not genuine."""

    code = "sign_in_failed"
    status = 400
    title = "The sign-in did not finish"
    sentence = "It was cancelled or took too long. Please try again."
    retry = True


class TokenMissing(PersonProblem):
    """A program called the API without a bearer token."""

    code = "token_missing"
    status = 401
    title = "A bearer token is needed"
    sentence = "Programs call this with an Authorization header that holds a bearer token."
    myoffice = False


class TokenRefused(PersonProblem):
    """A program's bearer token is forged, too old, withdrawn, or meant for another service."""

    code = "token_refused"
    status = 401
    title = "The bearer token is not accepted"
    sentence = "It is not genuine, too old, withdrawn, or made for another service. Get a new one."
    myoffice = False


class SignInUnavailable(ServiceProblem):
    """The directory cannot be asked who this is, or whether they are in the group. It is never a no."""

    code = "sign_in_unavailable"
    status = 503
    title = "Google sign-in is not answering"
    sentence = (
        "Your access could not be checked, so nothing can be shown yet. This usually passes in a few minutes."
    )
    retry = True


class SignInBusy(SignInUnavailable):
    """As many people wait for the sign-in service as may at the same time."""

    code = "sign_in_busy"
    title = "Too many people are waiting for Google sign-in"
    sentence = (
        "It answers slowly at the moment, so your access could not be checked. Please try again in a moment."
    )


class Unexpected(ServiceProblem):
    """The program has a fault."""

    code = "unexpected"
    status = 500
    title = "Something went wrong on our side"
    sentence = "It has been recorded. Please try again, and tell us the reference below if it stays."
    retry = True


class CrossSiteRequest(RequestProblem):
    """A request that changes something came from another site."""

    code = "cross_site"
    status = 403
    title = "This request came from somewhere else"
    sentence = "For your safety it was not carried out. Go back and try again from this service's own page."
    myoffice = False


class PageNotFound(RequestProblem):
    """There is no such page."""

    code = "page_not_found"
    status = 404
    title = "There is no such page"
    sentence = "Please open the document from Mosaic again."
    myoffice = False


class MethodNotAllowed(RequestProblem):
    """The address is there, but not for this method."""

    code = "method_not_allowed"
    status = 405
    title = "This method is not allowed here"
    sentence = "The address exists, but not for this method; the Allow header names those that are."
    myoffice = False
