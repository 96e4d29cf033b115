"""Every way in which a person does not get the document: one tree, one class each.

Adapters and the pipeline raise these; `app.py` alone turns them into an answer. Each has a code (for
logs, metrics, audit and support), an HTTP status, a title and a sentence for the person. A subclass
exists for each thing a person would do differently about it. A message given when one is raised is for the
logs: a few technical words, never personal data.
"""

from typing import ClassVar


class ViewerError(Exception):
    """The document cannot be shown to this person now."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    sentence: ClassVar[str]
    retry: ClassVar[bool] = False
    """Whether the cause passes by itself, so that trying again can help."""
    retry_seconds: int = 5
    """After how long trying again is worth while, where it can help."""
    myoffice: ClassVar[bool] = True
    """Whether the document can be opened in MyOffice all the same."""
    other_account: ClassVar[bool] = False
    """Whether another account may be allowed what this one is not."""
    lasting: ClassVar[bool] = False
    """Whether these bytes will always fail this way, so that the refusal may be remembered."""


class UnsupportedType(ViewerError):
    """No way to show this kind of file in a browser."""

    code = "unsupported_type"
    status = 415
    title = "This kind of file cannot be shown in the browser"
    sentence = "The document is there, but it is not of a kind that this page can display."
    lasting = True


class PasswordProtected(ViewerError):
    """The file needs a password before anyone can read it."""

    code = "password_protected"
    status = 422
    title = "This document is locked with a password"
    sentence = "Whoever wrote it set a password. You can open it in {myoffice} and type the password there."
    lasting = True


class Corrupt(ViewerError):
    """The bytes are damaged, cut short, or not what they pretend to be."""

    code = "corrupt"
    status = 422
    title = "This document is damaged"
    sentence = (
        "The file could not be read: it is damaged or incomplete. An earlier copy may be in {myoffice}."
    )
    lasting = True


class Empty(ViewerError):
    """The document has no bytes at all."""

    code = "empty"
    status = 422
    title = "This document is empty"
    sentence = "The file that is stored under this number has nothing in it."
    lasting = True


class TooLarge(ViewerError):
    """Beyond a size limit."""

    code = "too_large"
    status = 413
    title = "This document is too large to show here"
    sentence = "It is larger than this service may handle, so it has to be opened in {myoffice}."


class ConversionTimeout(ViewerError):
    """The converter was stopped at its time limit."""

    code = "conversion_timeout"
    status = 504
    title = "This document takes too long to prepare"
    sentence = "Turning it into pages took longer than the limit. It may be very long or complicated."


class Quarantined(ViewerError):
    """These bytes stopped converters before and are not sent to one again for a while."""

    code = "quarantined"
    status = 422
    title = "This document cannot be prepared safely"
    sentence = "It has stopped the converter more than once, so it will not be tried again here today."


class ConverterBusy(ViewerError):
    """No converter became free in time, or none is running."""

    code = "converter_busy"
    status = 503
    title = "All converters are busy"
    sentence = "Many documents are being opened at the moment. Please try again in a minute."
    retry = True


class ConversionUnavailable(ViewerError):
    """Conversion failed for reasons of this service's own, which say nothing about the document.

    The sandbox does not start, HAProxy answers with an error, a converter was lost. It is never remembered.
    """

    code = "conversion_unavailable"
    status = 503
    title = "Documents cannot be prepared at the moment"
    sentence = "This is a fault of this service, not of the document. It will be tried again in a moment."
    retry = True


class DocumentKilledConverter(ViewerError):
    """The document made converters die or hang, as they themselves reported. People see `Quarantined`."""

    code = "document_killed_converter"
    status = Quarantined.status
    title = Quarantined.title
    sentence = Quarantined.sentence


class DocumentNotFound(ViewerError):
    """The source says that there is no such document."""

    code = "not_found"
    status = 404
    title = "There is no document with this number"
    sentence = "The document system has nothing under this number. It may have been deleted or moved."


class PartNotFound(ViewerError):
    """The document has no such part: no such attachment, no such file in the archive."""

    code = "part_not_found"
    status = 404
    title = "There is no such attachment any more"
    sentence = (
        "The document has changed since this link was made, or the link is wrong. "
        "Open the document itself to see what is in it now."
    )


class SourceUnavailable(ViewerError):
    """The source did not answer, or not as it should."""

    code = "source_unavailable"
    status = 502
    title = "The document system is not answering"
    sentence = "The document could not be fetched. This usually passes within a few minutes."
    retry = True


class AuditUnavailable(ViewerError):
    """The record of who sees what cannot be written, so nothing may be shown."""

    code = "audit_unavailable"
    status = 503
    title = "Documents cannot be shown at the moment"
    sentence = (
        "This service must record every view and cannot do so right now. Please try again in a few minutes."
    )
    retry = True


class StoreUnavailable(ViewerError):
    """The store of renditions cannot be read or written."""

    code = "store_unavailable"
    status = 503
    title = "Documents cannot be shown at the moment"
    sentence = "This service's working memory is not available. Please try again in a few minutes."
    retry = True


class LinkMalformed(ViewerError):
    """The address of this page does not name a document."""

    code = "link_malformed"
    status = 404
    title = "This link does not lead to a document"
    sentence = "The address is incomplete or has been changed. Please open the document from Mosaic again."


class LinkExpired(ViewerError):
    """A link to the bytes is older than its few minutes, or was never ours."""

    code = "link_expired"
    status = 410
    title = "This page has been open for a while"
    sentence = "The link to the document has expired. Reload the page to see the newest version."
    retry = True


class SignedOut(ViewerError):
    """There is no valid session, and the request is not one that can be sent to sign in."""

    code = "signed_out"
    status = 401
    title = "You have been signed out"
    sentence = "Reload this page to sign in again."
    myoffice = False


class NotInGroup(ViewerError):
    """Signed in, but not a member of the group that may see documents."""

    code = "not_in_group"
    status = 403
    other_account = True
    title = "Your account may not see documents"
    sentence = "You are signed in, but your account is not in the group of staff who may open documents here."


class Blocked(ViewerError):
    """An administrator has stopped the document, the Mosaic person's documents, or this member of staff.

    It does not say which: that may itself be confidential.
    """

    code = "blocked"
    status = 403
    title = "This cannot be opened at the moment"
    sentence = (
        "Access has been stopped on purpose. It is not a fault, and there is no way round it. If you need it "
        "for your work, ask {council}'s information governance team and give them the reference below."
    )
    myoffice = False


class WrongDomain(ViewerError):
    """Signed in with an account that is not the council's."""

    code = "wrong_domain"
    status = 403
    other_account = True
    title = "Please use your work account"
    sentence = "You signed in with an account that does not belong to {council}."


class SignInFailed(ViewerError):
    """The sign-in was cancelled, out of date, or not genuine."""

    code = "sign_in_failed"
    status = 400
    title = "The sign-in did not finish"
    sentence = "It was cancelled or took too long. Please try again."
    retry = True


class SignInUnavailable(ViewerError):
    """Google cannot be asked who this is, or whether they are in the group."""

    code = "sign_in_unavailable"
    status = 503
    title = "Google sign-in is not answering"
    sentence = (
        "Your access could not be checked, so nothing can be shown yet. This usually passes in a few minutes."
    )
    retry = True


class TokenMissing(ViewerError):
    """A program called the API without a bearer token."""

    code = "token_missing"
    status = 401
    title = "A bearer token is needed"
    sentence = "Programs call this with an Authorization header that holds a bearer token."
    myoffice = False


class TokenRefused(ViewerError):
    """A program's bearer token is forged, too old, withdrawn, or meant for another service."""

    code = "token_refused"
    status = 401
    title = "The bearer token is not accepted"
    sentence = "It is not genuine, too old, withdrawn, or made for another service. Get a new one."
    myoffice = False


class TooManyRequests(ViewerError):
    """One person asks for more documents in a minute than anyone reads."""

    code = "too_many_requests"
    status = 429
    title = "Too many documents at once"
    sentence = "You have opened more documents in a minute than this service allows. Please wait a moment."
    retry = True

    def __init__(self, retry_seconds: int = 60) -> None:
        """Say when it may be tried again."""
        super().__init__()
        self.retry_seconds = retry_seconds


class BadParameter(ViewerError):
    """A program's query does not have the form that the API asks for."""

    code = "bad_parameter"
    status = 400
    title = "A parameter is malformed"
    sentence = "The query has a parameter that is given twice or not of the documented form."
    myoffice = False


class NoPdf(ViewerError):
    """The document is shown in another form than PDF."""

    code = "no_pdf"
    status = 406
    title = "There is no PDF of this document"
    sentence = "This kind of document is shown as it is. Its page shows it."
    myoffice = False


class CrossSiteRequest(ViewerError):
    """A request that changes something came from another site."""

    code = "cross_site"
    status = 403
    title = "This request came from somewhere else"
    sentence = "For your safety it was not carried out. Go back and try again from this service's own page."
    myoffice = False


class PageNotFound(ViewerError):
    """No such page."""

    code = "page_not_found"
    status = 404
    title = "There is no such page"
    sentence = "Please open the document from Mosaic again."
    myoffice = False


class MethodNotAllowed(ViewerError):
    """The address is there, but not for this method."""

    code = "method_not_allowed"
    status = 405
    title = "This method is not allowed here"
    sentence = "The address exists, but not for this method; the Allow header names those that are."
    myoffice = False


class Unexpected(ViewerError):
    """A fault of ours."""

    code = "unexpected"
    status = 500
    title = "Something went wrong on our side"
    sentence = "It has been recorded. Please try again, and tell us the reference below if it stays."
    retry = True


class ConverterBroken(ViewerError):
    """A converter failed in a way that says nothing about the document; another one may manage.

    Raised between the converter and the pipeline; people see it only as `Quarantined` or `ConverterBusy`.
    """

    code = "converter_broken"
    status = 503
    title = ConverterBusy.title
    sentence = ConverterBusy.sentence
    retry = True


BY_CODE: dict[str, type[ViewerError]] = {error.code: error for error in ViewerError.__subclasses__()}
"""Every error by its code, for failures that were remembered."""
