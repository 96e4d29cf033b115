"""Problems: the exceptions of all services that people and programs may see.

Adapters, pipelines and sign-in raise problems, and each service turns them into responses in one place. Each
situation in which a person would act differently has its own class, below one of four branches: the document,
the person, the service, or the request. The services add their own classes in `redirector/problems.py` and
`viewer/errors.py`.

The message with which a problem is raised is for logs: a few technical words without personal data.
"""

from typing import ClassVar

BY_CODE: dict[str, "type[Problem]"] = {}
"""Every problem class of the imported modules, by its code."""


class Problem(Exception):
    """The base class of all problems. Every class that has a code is registered in `BY_CODE`.

    Raises:
        TypeError: two classes have the same code; raised when the second one is imported.
    """

    code: ClassVar[str]
    """The identifier in logs, metrics and the audit; 3 to 32 lower-case letters and `_`."""
    status: ClassVar[int]
    """The HTTP status."""
    title: ClassVar[str]
    """What happened, for the person."""
    sentence: ClassVar[str]
    """What the person can do; `{myoffice}` and `{council}` are replaced by names from the settings."""
    retry: ClassVar[bool] = False
    """Whether the cause is temporary, so that a retry can help."""
    retry_seconds: int = 5
    """The seconds to wait before a retry."""
    myoffice: ClassVar[bool] = True
    """Whether the document can still be opened in MyOffice."""
    other_account: ClassVar[bool] = False
    """Whether another account of the person may have access."""
    lasting: ClassVar[bool] = False
    """Whether the same bytes always fail this way, so that the refusal can be remembered."""
    account: str | None = None
    """The e-mail address that was refused at sign-in, shown only to that person."""
    target: str | None = None
    """The path on this site that the person wanted to open when the sign-in failed."""

    def __init_subclass__(cls) -> None:
        """Register the class by its code."""
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            return
        known = BY_CODE.setdefault(cls.code, cls)
        if known is not cls:
            raise TypeError(
                f"{known.__module__}.{known.__name__} and {cls.__module__}.{cls.__name__} share a code"
            )

    def words(self, *, myoffice: str, council: str) -> str:
        """The sentence with the names filled in.

        Args:
            myoffice: the name of the virtual desktop.
            council: the name of the council.
        """
        return self.sentence.format(myoffice=myoffice, council=council)


class DocumentProblem(Problem):
    """The document itself cannot be shown; this holds for everybody who opens the same bytes."""


class PersonProblem(Problem):
    """The person or program is not signed in, or is not allowed to do this."""


class ServiceProblem(Problem):
    """The service, or one that it depends on, has failed; the document and the person are not the cause."""


class RequestProblem(Problem):
    """The request names something that does not exist, or is malformed."""


class SignedOut(PersonProblem):
    """There is no valid session, and the request cannot be redirected to the sign-in."""

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
    """The account is not in the council's domain, or its e-mail address is not verified."""

    code = "wrong_domain"
    status = 403
    other_account = True
    title = "Please use your work account"
    sentence = "You signed in with an account that does not belong to {council}."


class SignInFailed(PersonProblem):
    """The sign-in was cancelled, took too long, or was not genuine."""

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
    """A program's bearer token is forged, too old, revoked, or issued for another service."""

    code = "token_refused"
    status = 401
    title = "The bearer token is not accepted"
    sentence = "It is not genuine, too old, withdrawn, or made for another service. Get a new one."
    myoffice = False


class SignInUnavailable(ServiceProblem):
    """The identity provider or group directory did not answer, so access is neither granted nor denied."""

    code = "sign_in_unavailable"
    status = 503
    title = "Google sign-in is not answering"
    sentence = (
        "Your access could not be checked, so nothing can be shown yet. This usually passes in a few minutes."
    )
    retry = True


class Unexpected(ServiceProblem):
    """An unexpected exception, that is, a fault of the program."""

    code = "unexpected"
    status = 500
    title = "Something went wrong on our side"
    sentence = "It has been recorded. Please try again, and tell us the reference below if it stays."
    retry = True


class CrossSiteRequest(RequestProblem):
    """A request that changes state came from another site."""

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
    """The address does not support this HTTP method."""

    code = "method_not_allowed"
    status = 405
    title = "This method is not allowed here"
    sentence = "The address exists, but not for this method; the Allow header names those that are."
    myoffice = False
