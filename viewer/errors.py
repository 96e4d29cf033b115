"""The problems of the viewer, and those of `shared/problems.py` that it uses."""

from shared.problems import (
    BY_CODE,
    CrossSiteRequest,
    DocumentProblem,
    MethodNotAllowed,
    NotInGroup,
    PageNotFound,
    PersonProblem,
    Problem,
    RequestProblem,
    ServiceProblem,
    SignedOut,
    SignInFailed,
    SignInUnavailable,
    TokenMissing,
    TokenRefused,
    Unexpected,
    WrongDomain,
)

__all__ = [
    "BY_CODE",
    "AuditUnavailable",
    "BadParameter",
    "Blocked",
    "ConversionTimeout",
    "ConversionUnavailable",
    "ConverterBusy",
    "Corrupt",
    "CrossSiteRequest",
    "DocumentKilledConverter",
    "DocumentNotFound",
    "DocumentProblem",
    "ElectronicBook",
    "Empty",
    "LinkExpired",
    "LinkMalformed",
    "MethodNotAllowed",
    "NoPdf",
    "NotInGroup",
    "Offline",
    "PageNotFound",
    "PartNotFound",
    "PasswordProtected",
    "PersonProblem",
    "Problem",
    "Quarantined",
    "RequestProblem",
    "ServiceProblem",
    "SignInFailed",
    "SignInUnavailable",
    "SignedOut",
    "SourceBusy",
    "SourceUnavailable",
    "StoreUnavailable",
    "TokenMissing",
    "TokenRefused",
    "TooLarge",
    "TooManyRequests",
    "Undrawable",
    "Unexpected",
    "UnsupportedType",
    "WrongDomain",
    "XpsDocument",
]


class UnsupportedType(DocumentProblem):
    """The viewer cannot show this kind of file."""

    code = "unsupported_type"
    status = 415
    title = "This kind of file cannot be shown in the browser"
    sentence = "The document is there, but it is not of a kind that this page can display."
    lasting = True


class XpsDocument(UnsupportedType):
    """An XPS document, which Windows' printing made."""

    code = "unsupported_xps"
    title = "XPS documents cannot be shown in the browser"
    sentence = (
        "Windows printed this document to an XPS file. You can open it in {myoffice} with the XPS Viewer."
    )


class ElectronicBook(UnsupportedType):
    """An electronic book in the EPUB format."""

    code = "unsupported_epub"
    title = "Electronic books cannot be shown in the browser"
    sentence = "This file is a book in the EPUB format, which this page cannot display."


class PasswordProtected(DocumentProblem):
    """The document is encrypted and needs a password."""

    code = "password_protected"
    status = 422
    title = "This document is locked with a password"
    sentence = "Whoever wrote it set a password. You can open it in {myoffice} and type the password there."
    lasting = True


class Corrupt(DocumentProblem):
    """The bytes are damaged, truncated, or not of the kind that they claim to be."""

    code = "corrupt"
    status = 422
    title = "This document is damaged"
    sentence = (
        "The file could not be read: it is damaged or incomplete. An earlier copy may be in {myoffice}."
    )
    lasting = True


class Empty(DocumentProblem):
    """The document has no bytes, or is an archive without files."""

    code = "empty"
    status = 422
    title = "This document is empty"
    sentence = "The file that is stored under this number has nothing in it."
    lasting = True


class TooLarge(DocumentProblem):
    """The document, or what is made of it, exceeds a size limit."""

    code = "too_large"
    status = 413
    title = "This document is too large to show here"
    sentence = "It is larger than this service may handle, so it has to be opened in {myoffice}."


class ConversionTimeout(DocumentProblem):
    """The document used all the processor time that a conversion may use."""

    code = "conversion_timeout"
    status = 504
    title = "This document takes too long to prepare"
    sentence = "Turning it into pages took longer than the limit. It may be very long or complicated."


class Quarantined(DocumentProblem):
    """These bytes killed converters before, and are not converted again for a while."""

    code = "quarantined"
    status = 422
    title = "This document cannot be prepared safely"
    sentence = "It has stopped the converter more than once, so it will not be tried again here today."


class DocumentKilledConverter(DocumentProblem):
    """Converters reported that the document made them die or hang. People see `Quarantined`."""

    code = "document_killed_converter"
    status = Quarantined.status
    title = Quarantined.title
    sentence = Quarantined.sentence


class Undrawable(DocumentProblem):
    """The browser cannot draw the rendition. The page's script shows this problem."""

    code = "undrawable"
    status = 422
    title = "This document could not be drawn"
    sentence = "It was prepared, but your browser could not display it. You can open it in {myoffice}."
    retry = True


class DocumentNotFound(RequestProblem):
    """The source has no such document."""

    code = "not_found"
    status = 404
    title = "There is no document with this number"
    sentence = "The document system has nothing under this number. It may have been deleted or moved."


class PartNotFound(RequestProblem):
    """The document has no such part, that is, no such attachment or file in an archive."""

    code = "part_not_found"
    status = 404
    title = "There is no such attachment any more"
    sentence = (
        "The document has changed since this link was made, or the link is wrong. "
        "Open the document itself to see what is in it now."
    )


class LinkMalformed(RequestProblem):
    """The page's address does not name a document."""

    code = "link_malformed"
    status = 404
    title = "This link does not lead to a document"
    sentence = "The address is incomplete or has been changed. Please open the document from Mosaic again."


class LinkExpired(RequestProblem):
    """A signed link is too old, revoked or not genuine, or its rendition was deleted."""

    code = "link_expired"
    status = 410
    title = "This page has been open for a while"
    sentence = "The link to the document has expired. Reload the page to see the newest version."
    retry = True


class BadParameter(RequestProblem):
    """A query parameter of the API is malformed or given twice."""

    code = "bad_parameter"
    status = 400
    title = "A parameter is malformed"
    sentence = "The query has a parameter that is given twice or not of the documented form."
    myoffice = False


class NoPdf(RequestProblem):
    """The document's rendition is not a PDF."""

    code = "no_pdf"
    status = 406
    title = "There is no PDF of this document"
    sentence = "This kind of document is shown as it is. Its page shows it."
    myoffice = False


class Blocked(PersonProblem):
    """An administrator has blocked the document, the Mosaic person's documents, or this member of staff.

    The page does not say which, because that may be confidential.
    """

    code = "blocked"
    status = 403
    title = "This cannot be opened at the moment"
    sentence = (
        "Access has been stopped on purpose. It is not a fault, and there is no way round it. If you need it "
        "for your work, ask {council}'s information governance team and give them the reference below."
    )
    myoffice = False


class TooManyRequests(PersonProblem):
    """The person exceeded the limit on document requests in a minute."""

    code = "too_many_requests"
    status = 429
    title = "Too many documents at once"
    sentence = "You have opened more documents in a minute than this service allows. Please wait a moment."
    retry = True

    def __init__(self, retry_seconds: int = 60) -> None:
        """Set the number of seconds after which the request may be repeated."""
        super().__init__()
        self.retry_seconds = retry_seconds


class ConverterBusy(ServiceProblem):
    """No converter became free in time, no converter is running, or too many documents are being opened."""

    code = "converter_busy"
    status = 503
    title = "All converters are busy"
    sentence = "Many documents are being opened at the moment. Please try again in a minute."
    retry = True


class ConversionUnavailable(ServiceProblem):
    """Conversion failed through a fault of this service, which says nothing about the document.

    Examples are a sandbox that does not start, an error of HAProxy, and a lost converter. It is never
    remembered.
    """

    code = "conversion_unavailable"
    status = 503
    title = "Documents cannot be prepared at the moment"
    sentence = "This is a fault of this service, not of the document. It will be tried again in a moment."
    retry = True


class SourceUnavailable(ServiceProblem):
    """The source did not answer in time, or answered with an error."""

    code = "source_unavailable"
    status = 502
    title = "The document system is not answering"
    sentence = "The document could not be fetched. This usually passes within a few minutes."
    retry = True


class SourceBusy(ServiceProblem):
    """As many people wait for the source as may at the same time: it is slow, or does not answer at all."""

    code = "source_busy"
    status = 503
    title = "Too many people are waiting for the document system"
    sentence = (
        "It answers slowly at the moment, so the document was not asked for. Please try again in a moment."
    )
    retry = True


class AuditUnavailable(ServiceProblem):
    """The audit database cannot be read or written, so nothing may be shown."""

    code = "audit_unavailable"
    status = 503
    title = "Documents cannot be shown at the moment"
    sentence = (
        "This service must record every view and cannot do so right now. Please try again in a few minutes."
    )
    retry = True


class StoreUnavailable(ServiceProblem):
    """There is no room for a document, or the store of renditions cannot be read or written."""

    code = "store_unavailable"
    status = 503
    title = "Documents cannot be shown at the moment"
    sentence = "This service's working memory is not available. Please try again in a few minutes."
    retry = True


class Offline(ServiceProblem):
    """The person's device cannot reach this service. The page's script shows this problem."""

    code = "offline"
    status = 503
    title = "The connection was lost"
    sentence = "Your device could not reach this service. Please check that you are online."
    retry = True
    myoffice = False
