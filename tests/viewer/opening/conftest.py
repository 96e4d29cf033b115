"""A pipeline with a real store, record and sandbox, and with a fake source and printer."""

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import create_engine, text

from shared.actor import Actor
from shared.shares import Share
from tests.viewer import samples
from tests.viewer.conftest import audit_entries, create_record
from viewer.access.blocks import Blocks
from viewer.audit import Audit
from viewer.audit.unusual import UnusualVolume
from viewer.documents import DocumentRef, Printing, Reading, Rendition, Sink
from viewer.errors import ConverterBusy, Problem
from viewer.opening.claims import Claims
from viewer.opening.pipeline import Opened, Pipeline
from viewer.opening.refusals import Refusals
from viewer.opening.renditions import Limits, Renditions
from viewer.opening.store import ObjectStore
from viewer.opening.unstored import UnstoredRenditions
from viewer.sandbox.client import SandboxClient
from viewer.sandbox.sandbox import Sandbox, Work

REF = DocumentRef("cabinet", "77", "123")
ACTOR = Actor("worker@council.test", "192.0.2.7", "journey-0001")
WORD = samples.word()
PDF = samples.pdf()


@dataclass
class FakeSource:
    """A source with one document."""

    body: bytes = WORD
    error: Problem | None = None
    fetches: int = 0
    name: str = "cabinet"
    label: str = "Cabinet"

    def accepts(self, document_id: str) -> bool:
        return document_id.isdigit()

    def fetch(self, document_id: str, into: Sink, request_id: str) -> str | None:  # noqa: ARG002 - as the protocol has it
        self.fetches += 1
        for at in range(0, len(self.body), 1000):
            into.write(self.body[at : at + 1000])
        if self.error:
            raise self.error
        return f"{document_id}.docx"


@dataclass
class FakePrinter:
    """A fake printer that makes a real PDF, counts its calls, and waits or fails as set."""

    recipe: str = "printer-1"
    error: Exception | None = None
    conversions: int = 0
    free: threading.Event = field(default_factory=threading.Event)
    """Set to let conversions finish."""

    def __post_init__(self) -> None:
        self.free.set()

    def convert(
        self, document: BinaryIO, printing: Printing, _tell: Callable[[str], None] = print
    ) -> BinaryIO:
        assert document.read(4) == b"PK\x03\x04"
        self.conversions += 1
        assert self.free.wait(20)
        if self.error:
            raise self.error
        return io.BytesIO(samples.pdf(printing.filters[0]))


@dataclass
class CountingReader:
    """The real sandbox with counted calls, which fails as set."""

    sandbox: Sandbox
    error: Exception | None = None
    reads: int = 0
    extractions: int = 0

    @property
    def recipe(self) -> str:
        return self.sandbox.recipe

    def read(self, document: BinaryIO, owner: str) -> tuple[Reading, BinaryIO | None]:
        self.reads += 1
        if self.error:
            raise self.error
        return self.sandbox.read(document, owner)

    def extract(self, document: BinaryIO, numbers: tuple[int, ...], owner: str) -> tuple[str, BinaryIO]:
        self.extractions += 1
        return self.sandbox.extract(document, numbers, owner)

    def inspect_printed(self, pdf: BinaryIO, printing: Printing, owner: str) -> tuple[str, ...]:
        return self.sandbox.inspect_printed(pdf, printing, owner)


@dataclass
class PipelineFixture:
    """A pipeline and its adapters."""

    pipeline: Pipeline
    source: FakeSource
    printer: FakePrinter
    reader: CountingReader
    store: ObjectStore
    claims: Claims
    refusals: Refusals
    folder: Path
    audit_url: str
    delivered: list[tuple[str, str]] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)
    unstored: list[int] = field(default_factory=list)

    def open(self) -> Opened:
        return self.pipeline.open(REF, ACTOR)

    def ask(self, key: str) -> Rendition | None:
        begun = Opened(key, None, None, datetime.now(UTC), None)
        return self.pipeline.poll(REF, begun, ACTOR).rendition

    def record(self) -> list[tuple[str, str | None, str | None]]:
        return [(row["outcome"], row["code"], row["sha256"]) for row in audit_entries(self.audit_url)]

    def stored(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.folder / folder).rglob("*") if path.is_file())

    def let_time_pass(self, seconds: float) -> None:
        """Make claims and refusals older by some seconds."""
        engine = create_engine(self.audit_url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE claims SET renewed = renewed - :by"), {"by": seconds})
            moved = text("UPDATE refusals SET since = since - :by, until = until - :by")
            connection.execute(moved, {"by": seconds})
        engine.dispose()

    def bytes_of(self, rendition: Rendition | None) -> bytes:
        assert rendition
        return b"".join(self.store.read(rendition.key, 0, rendition.size))


Build = Callable[..., PipelineFixture]


@pytest.fixture
def build(tmp_path: Path, sandbox: SandboxClient) -> Iterator[Build]:
    """Build pipelines that share a store and a record."""
    built: list[PipelineFixture] = []

    def build(printer: FakePrinter | None = None, audit_url: str = "", **limits: Any) -> PipelineFixture:
        document_bytes = limits.pop("document_bytes", 300_000)
        unpacked = limits.pop("max_unpacked", 10_000_000)
        store_bytes = limits.pop("store_bytes", 100_000_000)
        formats = {
            "max_unpacked": unpacked,
            "max_part_bytes": document_bytes,
            "max_total_bytes": unpacked,
            "max_result": 10_000_000,
        }
        figures = {"wait_seconds": 20.0, "refusal_seconds": 3600.0, "max_concurrent": 8} | limits
        if not audit_url:
            audit_url = f"sqlite:///{tmp_path}/audit.db"
            if not built:
                create_record(audit_url)
        audit = Audit(audit_url)
        fixture = PipelineFixture(
            pipeline=None,  # type: ignore[arg-type]  # it is built of the others, below
            source=FakeSource(),
            printer=printer or FakePrinter(),
            reader=CountingReader(Sandbox(sandbox, Work(10, formats), lambda *_: None)),
            store=ObjectStore((tmp_path / "store").as_uri(), 4, store_bytes),
            claims=Claims(audit.database),
            refusals=Refusals(audit.database),
            folder=tmp_path / "store",
            audit_url=audit_url,
        )
        fixture.pipeline = Pipeline(
            sources={"cabinet": fixture.source},
            renditions=Renditions(
                waiting=Share(100, ConverterBusy),
                reader=fixture.reader,
                printer=fixture.printer,
                store=fixture.store,
                unstored=UnstoredRenditions(audit.database),
                claims=fixture.claims,
                refusals=fixture.refusals,
                limits=Limits(max_document_bytes=document_bytes, **figures),
                on_store_lookup=fixture.lookups.append,
                on_unstored=lambda: fixture.unstored.append(1),
            ),
            audit=audit,
            blocks=Blocks(audit.database),
            volume=UnusualVolume(audit.database, 0, lambda: None),
            on_delivered=lambda source, kind: fixture.delivered.append((source, kind)),
        )
        built.append(fixture)
        return fixture

    yield build
    for each in built:
        each.printer.free.set()
        each.pipeline.renditions.close()


@pytest.fixture
def fixture(build: Build) -> PipelineFixture:
    """One pipeline."""
    return build()
