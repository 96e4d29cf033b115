"""A minimal stand-in for eDocs in the test's own process, which can be set to fail."""

from dataclasses import dataclass, field

from tests.viewer.stub_server import Exchange

KEY = "demo-edocs-key"


@dataclass
class FakeEdocs:
    """The documents of the stand-in: file name and bytes by id."""

    documents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    status: int | None = None
    """The status of every response; None to serve documents."""

    def put(self, document_id: str, name: str, body: bytes) -> None:
        self.documents[document_id] = (name, body)

    def answer(self, exchange: Exchange) -> None:
        name, body = self.documents.get(exchange.path.rsplit("/", 1)[1], ("", b""))
        if exchange.received.headers.get("authorization") != f"Bearer {KEY}":
            exchange.reply(b"", 401)
        elif self.status or not name:
            exchange.reply(b"<Error/>", self.status or 404)
        else:
            named = name if name.startswith("*=") else f"={name}"  # RFC 6266 has both forms
            disposition = f"attachment; filename{named}"
            exchange.reply_chunked(
                body, Content_Type="application/octet-stream", Content_Disposition=disposition
            )
