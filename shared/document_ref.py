"""Which document is meant: the one thing that the redirector hands to the viewer."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
"""What a source may be called: it stands in a URL path."""
DOCUMENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}")
"""What any document id may look like; each source and each rule is stricter."""
PERSON_ID = re.compile(r"[0-9]{1,18}")
"""What a Mosaic person id may look like."""
PART = re.compile(r"[1-9][0-9]{0,3}(\.[1-9][0-9]{0,3}){0,4}")
"""What the way to a part may look like: `2`, or `2.1` for the first part of the second; five deep."""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """One document in one source, or a part of it, and the Mosaic person whose case file led to it.

    Args:
        source: the document system, such as ``edocs``.
        id: the document's number there, as text.
        person: the Mosaic person id, kept for the audit record; None where the link had none.
        part: the way to an attachment, or to a file in an archive, by positions such as ``2.1``, never by
            names; None for the document itself.

    Raises:
        ValueError: where one of them could not stand in a viewer URL.
    """

    source: str
    id: str
    person: str | None = None
    part: str | None = None

    def __post_init__(self) -> None:
        """Refuse values that no URL of the viewer can hold."""
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
        """The positions that lead to the part, outermost first; none for the document itself."""
        return tuple(map(int, self.part.split("."))) if self.part else ()

    @property
    def whole(self) -> "DocumentRef":
        """The document itself, whatever the part."""
        return replace(self, part=None)

    def inside(self, number: int) -> "DocumentRef":
        """The part of this document, or of this part, that has the number.

        Raises:
            ValueError: that deep, or that far on, nothing is opened.
        """
        return replace(self, part=f"{self.part}.{number}" if self.part else str(number))

    def query(self, request_id: str | None = None) -> dict[str, str]:
        """What stands after the path in every address of this document: only the values that there are.

        Args:
            request_id: carried along as ``request``, so that one id finds the whole journey in all logs.
        """
        named = {"person": self.person, "part": self.part, "request": request_id}
        return {name: value for name, value in named.items() if value}

    def path(self, prefix: str, suffix: str = "", request_id: str | None = None) -> str:
        """The path and query of one of this document's addresses.

        Args:
            prefix: what stands before the source, such as ``/documents``.
            suffix: what stands after the number, such as ``/pdf``.
            request_id: see `query`.
        """
        query = urlencode(self.query(request_id))
        return f"{prefix}/{self.source}/{self.id}{suffix}" + (f"?{query}" if query else "")

    def viewer_path(self, request_id: str | None = None) -> str:
        """The path and query of this document's page in the viewer; `request_id` as for `query`."""
        return self.path("/documents", request_id=request_id)
