"""The document reference, which the redirector passes to the viewer in a URL."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
"""The form of a source's name, which is part of URL paths."""
DOCUMENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}")
"""The form of every document id; each source and each rule is stricter."""
PERSON_ID = re.compile(r"[0-9]{1,18}")
"""The form of a Mosaic person id."""
PART = re.compile(r"[1-9][0-9]{0,3}(\.[1-9][0-9]{0,3}){0,4}")
"""The form of a part's position, at most five levels deep: `2`, or `2.1` for the first part of part 2."""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document in a source, or a part of it, and the Mosaic person whose case file linked to it.

    Args:
        source: the document system, such as ``edocs``.
        id: the document's number in that system, as text.
        person: the Mosaic person id, for the audit record; None where the link had none.
        part: the position of an attachment or of a file in an archive, such as ``2.1``, never a name; None
            for the document itself.

    Raises:
        ValueError: a value has not its form.
    """

    source: str
    id: str
    person: str | None = None
    part: str | None = None

    def __post_init__(self) -> None:
        """Refuse values that do not have their form."""
        if not NAME.fullmatch(self.source):
            raise ValueError("not a source name")
        if not DOCUMENT_ID.fullmatch(self.id) or not self.id.strip("."):
            raise ValueError("not a document id")
        if self.person is not None and not PERSON_ID.fullmatch(self.person):
            raise ValueError("not a Mosaic person id")
        if self.part is not None and not PART.fullmatch(self.part):
            raise ValueError("not a part of a document")

    @property
    def part_numbers(self) -> tuple[int, ...]:
        """The positions that lead to the part, outermost first; empty for the document itself."""
        return tuple(map(int, self.part.split("."))) if self.part else ()

    @property
    def whole(self) -> "DocumentRef":
        """The reference to the document itself, without the part."""
        return replace(self, part=None)

    def inside(self, number: int) -> "DocumentRef":
        """The reference to the part at this position of the document, or of the part.

        Raises:
            ValueError: the part is nested too deep, or its number is too large.
        """
        return replace(self, part=f"{self.part}.{number}" if self.part else str(number))

    def query(self, request_id: str | None = None) -> dict[str, str]:
        """The query parameters of every URL of this document, without empty ones.

        Args:
            request_id: passed on as ``request``, so that one id finds the request in the logs of all
                services.
        """
        named = {"person": self.person, "part": self.part, "request": request_id}
        return {name: value for name, value in named.items() if value}

    def path(self, prefix: str, suffix: str = "", request_id: str | None = None) -> str:
        """The path and query of one of this document's URLs.

        Args:
            prefix: the path before the source, such as ``/documents``.
            suffix: the path after the number, such as ``/pdf``.
            request_id: see `query`.
        """
        query = urlencode(self.query(request_id))
        return f"{prefix}/{self.source}/{self.id}{suffix}" + (f"?{query}" if query else "")

    def viewer_path(self, request_id: str | None = None) -> str:
        """The path and query of this document's page in the viewer; `request_id` as for `query`."""
        return self.path("/documents", request_id=request_id)
