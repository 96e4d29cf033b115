"""A minimal eDocs in the test's own process: documents by id, counted; it can be told to fail."""

from dataclasses import dataclass, field

from tests.viewer.wire import Exchange

KEY = "demo-edocs-key"


@dataclass
class Shelf:
    """What eDocs holds now: file name and bytes by id."""

    documents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    status: int | None = None
    """Answered instead of documents, while set."""

    def put(self, document_id: str, name: str, body: bytes) -> None:
        self.documents[document_id] = (name, body)

    def answer(self, exchange: Exchange) -> None:
        name, body = self.documents.get(exchange.path.rsplit("/", 1)[1], ("", b""))
        if exchange.seen.headers.get("authorization") != f"Bearer {KEY}":
            exchange.reply(b"", 401)
        elif self.status or not name:
            exchange.reply(b"<Error/>", self.status or 404)
        else:
            named = name if name.startswith("*=") else f"={name}"  # RFC 6266 has both forms
            disposition = f"attachment; filename{named}"
            exchange.reply_chunked(
                body, Content_Type="application/octet-stream", Content_Disposition=disposition
            )
