"""The viewer's settings: read once from the environment, all errors reported together."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from shared.actor import EMAIL
from shared.identity.settings import IdentitySettings
from shared.settings import BaseUrl, Port


class Settings(IdentitySettings):
    """Everything the viewer is told. Secrets have no defaults."""

    port: Port = Field(8002, description="The port that people reach.")
    ops_port: Port = Field(9102, description="The port for metrics and probes; never published.")

    governance_group: str | None = Field(
        None,
        description="Group whose members may search the audit: its address (google) or display name "
        "(council); nobody where none is.",
    )
    administrators_group: str | None = Field(
        None,
        description="Group whose members may set and lift blocks: its address (google) or display name "
        "(council); nobody where none is.",
    )

    edocs_api_url: str = Field(
        pattern=r"^https?://\S+[/=]$", description="The eDocs API; the document id is appended as it is."
    )
    edocs_api_key: SecretStr = Field(description="Bearer key of the eDocs API.")
    edocs_connect_seconds: float = Field(3, gt=0, le=30, description="Patience with connecting to eDocs.")
    edocs_read_seconds: float = Field(20, gt=0, le=120, description="Patience with each silence of eDocs.")
    edocs_total_seconds: float = Field(120, gt=0, le=600, description="Patience with one whole document.")
    edocs_attempts: int = Field(
        3, ge=1, le=5, description="Attempts at a document; only on connection errors and 5xx."
    )
    max_document_mb: int = Field(200, ge=1, le=2048, description="Documents above this size are refused.")

    unoserver_url: BaseUrl = Field(
        "http://127.0.0.1:2000", validate_default=True, description="HAProxy before the unoservers."
    )
    document_locale: str = Field(
        "en-GB",
        pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}$",
        description="Language and country of office documents that name none: their dates, numbers, currency "
        "and paper. The converters must have the same, else they refuse.",
    )
    max_office_mb: int = Field(50, ge=1, le=200, description="Office files above this size are refused.")
    max_unpacked_mb: int = Field(
        500,
        ge=1,
        le=4096,
        description="Zip-based documents that unpack to more are refused, "
        "and so is more on the way to one file in archives.",
    )
    max_rendition_mb: int = Field(200, ge=1, le=2048, description="PDFs above this size are refused.")
    conversion_seconds: float = Field(
        60, gt=0, le=600, description="Processor time in seconds that one document may use."
    )
    queue_seconds: float = Field(
        1800,
        gt=0,
        le=7200,
        description="Longest wait for a free converter in seconds, while there is any that works.",
    )
    rendition_wait_seconds: float = Field(
        4, ge=0, le=20, description="A rendition not ready by then answers 202, and the page asks again."
    )
    conversions_per_worker: int = Field(
        128,
        ge=2,
        le=256,
        description="Documents that one worker process reads and converts, or has waiting for it, at the "
        "same time; one person may have half of them. Further ones are answered with 503.",
    )
    sandbox_without_landlock: bool = Field(
        default=False,
        description="Whether the viewer may start on a kernel without Landlock (before Linux 5.13, or where "
        "it is switched off); what reads documents is then held by its other limits alone.",
    )

    downloads: Literal["off", "pdf"] = Field(
        "off", description="Whether people may take a copy, always as PDF, always on record."
    )
    printing: bool = Field(default=False, description="Whether the page offers to print.")
    idle_minutes: int = Field(
        15, ge=0, le=240, description="The page hides the document after so long unused; 0 for never."
    )
    watermark: bool = Field(
        default=False, description="Whether the viewer's address and the time lie over the pages."
    )

    store_url: str = Field(
        pattern=r"^(file:///|s3://)\S+$",
        description="Where renditions rest: file:///… on tmpfs, or s3://bucket/prefix.",
    )
    rendition_hours: float = Field(4, gt=0, le=24, description="Renditions are deleted when they are older.")
    refusal_hours: float = Field(
        12, gt=0, le=168, description="Remembered refusals are forgotten when they are older."
    )
    audit_url: SecretStr = Field(
        description="SQLAlchemy address of the audit database; it may hold a password."
    )
    audit_keep_days: int | None = Field(
        None,
        ge=30,
        le=36_500,
        description="What `audit prune` removes by default: entries older than so many days; none keeps all.",
    )
    unusual_views_per_hour: int = Field(
        100,
        ge=0,
        le=100_000,
        description="So many views by one person in an hour raise an alert; 0 for never.",
    )
    link_seconds: int = Field(300, ge=5, le=300, description="How long a link to a document's bytes works.")
    requests_per_minute: int = Field(
        120,
        ge=1,
        description="How often a minute one person may ask for documents, by page and API together.",
    )
    api: bool = Field(default=False, description="Whether programs may fetch documents for signed-in people.")

    @model_validator(mode="after")
    def _groups_are_named_as_the_provider_does(self) -> Self:
        named = {"GOVERNANCE_GROUP": self.governance_group, "ADMINISTRATORS_GROUP": self.administrators_group}
        wrong = [name for name, group in named.items() if group and not EMAIL.fullmatch(group)]
        if wrong and self.identity_provider == "google":
            raise ValueError(f"{', '.join(wrong)}: with IDENTITY_PROVIDER=google the address of a group")
        return self

    @model_validator(mode="after")
    def _api_knows_its_callers(self) -> Self:
        if self.api and self.identity_provider == "google" and not self.audiences:
            raise ValueError("API_AUDIENCES: with API on, name the OAuth clients whose ID tokens are taken")
        return self
