"""What people read when a link leads to no document: what happened and what to do, in plain words."""

from dataclasses import dataclass

from redirector.translate import Reason


@dataclass(frozen=True, slots=True)
class Problem:
    """One page. `shared/templates/_problem.html` shows it.

    Args:
        code: for logs and support.
        status: of the HTTP answer.
        title: what happened.
        sentence: what to do; `{myoffice}` becomes the virtual desktop's name.
        myoffice: whether the document can be opened there all the same.
    """

    code: str
    status: int
    title: str
    sentence: str
    myoffice: bool = True


REFUSALS = {
    Reason.UNKNOWN_LINK: Problem(
        Reason.UNKNOWN_LINK,
        404,
        "We do not know this link",
        "It is not the address of a document that this service can open. "
        "Please open the document from Mosaic again. If this page comes back, open it in {myoffice}.",
    ),
    Reason.MISSING_ID: Problem(
        Reason.MISSING_ID,
        400,
        "This link has no document number",
        "Part of the link is missing, so we cannot tell which document it means. "
        "Please open the document from Mosaic again.",
    ),
    Reason.MALFORMED_ID: Problem(
        Reason.MALFORMED_ID,
        400,
        "The document number in this link is not right",
        "It is incomplete or has been changed, so we cannot tell which document is meant. "
        "Please open the document from Mosaic again.",
    ),
    Reason.CONFLICTING_IDS: Problem(
        Reason.CONFLICTING_IDS,
        400,
        "This link names more than one document",
        "We will not guess which one you need. Please open the document from Mosaic again.",
    ),
    Reason.TOO_LONG: Problem(
        Reason.TOO_LONG,
        400,
        "This link is too long",
        "A link to a document is much shorter. If you pasted it, copy only the link and nothing around it. "
        "Otherwise, please open the document from Mosaic again.",
    ),
}
"""The page of each refusal."""

NO_SUCH_METHOD = Problem(
    "method_not_allowed",
    405,
    "This address only opens documents",
    "Something tried to send data here. Please open the document from Mosaic again.",
    myoffice=False,
)
BAD_REQUEST = Problem(
    "bad_request",
    400,
    "Your browser's request could not be read",
    "Please open the document from Mosaic again.",
)
PAGE_NOT_FOUND = Problem(
    "page_not_found",
    404,
    "There is no such page",
    "Please open the document from Mosaic again.",
    myoffice=False,
)
UNEXPECTED = Problem(
    "unexpected",
    500,
    "Something went wrong on our side",
    "It has been recorded. Please open the document from Mosaic again. "
    "If this page comes back, open it in {myoffice}.",
)


def problem_for_status(status: int | None) -> Problem:
    """The page for an HTTP error that the web framework raised."""
    known = {problem.status: problem for problem in (NO_SUCH_METHOD, PAGE_NOT_FOUND, UNEXPECTED)}
    server_fault = status is None or status >= UNEXPECTED.status
    return known.get(status or 0, UNEXPECTED if server_fault else BAD_REQUEST)
