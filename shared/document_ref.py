"""Which document is meant: the one thing that the redirector hands to the viewer."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
"""What a source may be called: it stands in a URL path."""
DOCUMENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}")
"""What any document id may look like; each source and each rule is stricter."""
PERSON_ID = re.compile(r"[0-9]{1,18}")
"""What a Mosaic person id may look like."""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """One document in one source, and the Mosaic person whose case file led to it.

    Args:
        source: the document system, such as ``edocs``.
        id: the document's number there, as text.
        person: the Mosaic person id, kept for the audit record; None where the link had none.

    Raises:
        ValueError: where a part could not stand in a viewer URL.
    """

    source: str
    id: str
    person: str | None = None

    def __post_init__(self) -> None:
        """Refuse values that no URL of the viewer can hold."""
        if not NAME.fullmatch(self.source):
            raise ValueError("not a source name")
        if not DOCUMENT_ID.fullmatch(self.id) or not self.id.strip("."):
            raise ValueError("not a document id")
        if self.person is not None and not PERSON_ID.fullmatch(self.person):
            raise ValueError("not a Mosaic person id")

    def viewer_path(self, request_id: str | None = None) -> str:
        """The path and query of this document's page in the viewer.

        Args:
            request_id: carried along as ``request``, so that one id finds the whole journey in all logs.
        """
        query = {"person": self.person, "request": request_id}
        encoded = urlencode({key: value for key, value in query.items() if value})
        return f"/documents/{self.source}/{self.id}" + (f"?{encoded}" if encoded else "")
