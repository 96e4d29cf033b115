"""The problems of the redirector, with the texts that people read when a link leads to no document."""

from redirector.translate import Reason
from shared.problems import MethodNotAllowed, PageNotFound, Problem, RequestProblem, Unexpected

_SERVER_FAULT = 500


class UnknownLink(RequestProblem):
    """No rule matches the link."""

    code = Reason.UNKNOWN_LINK
    status = 404
    title = "We do not know this link"
    sentence = (
        "It is not the address of a document that this service can open. "
        "Please open the document from Mosaic again. If this page comes back, open it in {myoffice}."
    )


class MissingId(RequestProblem):
    """The link has no document number."""

    code = Reason.MISSING_ID
    status = 400
    title = "This link has no document number"
    sentence = (
        "Part of the link is missing, so we cannot tell which document it means. "
        "Please open the document from Mosaic again."
    )


class MalformedId(RequestProblem):
    """The document number has not the form that the rule requires."""

    code = Reason.MALFORMED_ID
    status = 400
    title = "The document number in this link is not right"
    sentence = (
        "It is incomplete or has been changed, so we cannot tell which document is meant. "
        "Please open the document from Mosaic again."
    )


class ConflictingIds(RequestProblem):
    """The link has two document numbers."""

    code = Reason.CONFLICTING_IDS
    status = 400
    title = "This link names more than one document"
    sentence = "We will not guess which one you need. Please open the document from Mosaic again."


class TooLong(RequestProblem):
    """The link is longer than any link to a document."""

    code = Reason.TOO_LONG
    status = 400
    title = "This link is too long"
    sentence = (
        "A link to a document is much shorter. If you pasted it, copy only the link and nothing around it. "
        "Otherwise, please open the document from Mosaic again."
    )


class OnlyOpensDocuments(MethodNotAllowed):
    """`MethodNotAllowed` in words for a person who followed a link."""

    title = "This address only opens documents"
    sentence = "Something tried to send data here. Please open the document from Mosaic again."


class BadRequest(RequestProblem):
    """The web framework cannot read the request."""

    code = "bad_request"
    status = 400
    title = "Your browser's request could not be read"
    sentence = "Please open the document from Mosaic again."


REFUSALS: dict[Reason, type[Problem]] = {
    Reason(problem.code): problem
    for problem in (UnknownLink, MissingId, MalformedId, ConflictingIds, TooLong)
}
"""The problem for each reason of a refusal."""


def problem_for_status(status: int | None) -> Problem:
    """The problem for an HTTP error of the web framework; `Unexpected` for None and for 5xx."""
    if status is None or status >= _SERVER_FAULT:
        return Unexpected()
    known = {problem.status: problem for problem in (OnlyOpensDocuments, PageNotFound)}
    return known.get(status, BadRequest)()
