"""The viewer's settings. They are read once from the environment, and all errors are reported together."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from shared.actor import EMAIL
from shared.identity.settings import IdentitySettings
from shared.settings import BaseUrl, Port


class Settings(IdentitySettings):
    """All settings of the viewer. Secrets have no defaults."""

    port: Port = Field(8002, description="The port that people's browsers reach, through a reverse proxy.")
    ops_port: Port = Field(9102, description="The port for metrics and health checks; never publish it.")

    governance_group: str | None = Field(
        None,
        description="The group whose members may search the audit: its e-mail address (google) or "
        "display name (council). Without it nobody may.",
    )
    administrators_group: str | None = Field(
        None,
        description="The group whose members may set blocks and end sessions: its e-mail address "
        "(google) or display name (council). Without it nobody may.",
    )

    edocs_api_url: str = Field(
        pattern=r"^https?://\S+[/=]$",
        description="Address of the eDocs API, ending in / or =; the document's number is appended.",
    )
    edocs_api_key: SecretStr = Field(description="Bearer key of the eDocs API.")
    edocs_connect_seconds: float = Field(3, gt=0, le=30, description="Connect timeout to eDocs, in seconds.")
    edocs_read_seconds: float = Field(
        20,
        gt=0,
        le=120,
        description="Read timeout: the longest gap between bytes from eDocs, in seconds. Raise it where "
        "eDocs is slow to begin its answer.",
    )
    edocs_total_seconds: float = Field(
        120,
        gt=0,
        le=600,
        description="Longest time for fetching one document from eDocs with all attempts, in seconds, after "
        "which the connection is cut. Raise it for large documents over slow lines.",
    )
    edocs_attempts: int = Field(
        3,
        ge=1,
        le=5,
        description="Attempts to fetch a document, including the first one. Connection errors and 5xx "
        "answers are retried, read timeouts are not.",
    )
    max_document_mb: int = Field(
        200, ge=1, le=2048, description="Largest document, or part of one, in MB; larger ones are refused."
    )

    unoserver_url: BaseUrl = Field(
        "http://127.0.0.1:2000",
        validate_default=True,
        description="Address of HAProxy, which distributes documents over the LibreOffice converters.",
    )
    max_office_mb: int = Field(
        50,
        ge=1,
        le=200,
        description="Largest file that is sent to a converter, in MB; larger ones are refused.",
    )
    document_locale: str = Field(
        "en-GB",
        pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}$",
        description="Language and country of office documents that name none: their dates, numbers, currency "
        "and paper. The converters must have the same, else they refuse.",
    )
    max_unpacked_mb: int = Field(
        500,
        ge=1,
        le=4096,
        description="Largest total size, in MB, to which a zip-based document, or the archives on the "
        "way to a part, may unpack; larger ones are refused.",
    )
    max_rendition_mb: int = Field(
        200,
        ge=1,
        le=2048,
        description="Largest PDF that a conversion may make, in MB; documents with larger ones are refused.",
    )
    conversion_seconds: float = Field(
        60,
        gt=0,
        le=600,
        description="Processor time, in seconds, that one document may use in a converter; a document "
        "that uses more is refused.",
    )
    queue_seconds: float = Field(
        1800,
        gt=0,
        le=7200,
        description="Longest time, in seconds, that a document waits for a free converter while any "
        "converter works.",
    )
    rendition_wait_seconds: float = Field(
        4,
        ge=0,
        le=20,
        description="Seconds for which a request waits for a rendition; after that it answers 202 and "
        "the page polls.",
    )
    conversions_per_worker: int = Field(
        128,
        ge=2,
        le=256,
        description="The most documents that one worker process reads, converts or has waiting at the "
        "same time; one person may have half of them. More are answered with 503.",
    )
    sandbox_without_landlock: bool = Field(
        default=False,
        description="Whether the viewer may start on a kernel without Landlock (older than Linux 5.13, "
        "or disabled). The sandbox then cannot confine access to files and networks.",
    )

    downloads: Literal["off", "pdf"] = Field(
        "off",
        description="Whether people may download a copy of a document: `off`, or `pdf` for a PDF; each "
        "download is recorded.",
    )
    printing: bool = Field(default=False, description="Whether the page offers printing.")
    idle_minutes: int = Field(
        15,
        ge=0,
        le=240,
        description="Minutes without use after which the page hides the document; 0 for never.",
    )
    watermark: bool = Field(
        default=False,
        description="Whether the pages of a document show the person's e-mail address and the time.",
    )

    store_url: str = Field(
        pattern=r"^(file:///|s3://)\S+$",
        description="Where renditions are stored: file:///… for a folder on a tmpfs, or "
        "s3://bucket/prefix. More than one viewer needs S3.",
    )
    store_mb: int = Field(
        1900,
        ge=1,
        le=10_000_000,
        description="The most megabytes of renditions in the store; the least recently used ones are deleted "
        "then. Keep it a little below the size of the folder's tmpfs.",
    )
    rendition_hours: float = Field(
        4,
        gt=0,
        le=24,
        description="Age in hours at which renditions are deleted. Shorter keeps fewer copies; longer "
        "saves conversions.",
    )
    refusal_hours: float = Field(
        12,
        gt=0,
        le=168,
        description="Age in hours at which the refusal of a document expires, so that it is tried again.",
    )
    audit_url: SecretStr = Field(
        description="SQLAlchemy address of the audit database, which may contain a password. More than "
        "one viewer needs PostgreSQL."
    )
    audit_keep_days: int | None = Field(
        None,
        ge=30,
        le=36_500,
        description="Days for which `audit prune` keeps entries by default; without it the command must "
        "be told.",
    )
    unusual_views_per_hour: int = Field(
        100,
        ge=0,
        le=100_000,
        description="The number of views by one person within an hour that raises an alert; 0 for none.",
    )
    link_seconds: int = Field(
        300, ge=5, le=300, description="Seconds for which a link to a document's bytes is valid."
    )
    requests_per_minute: int = Field(
        120,
        ge=1,
        description="The most requests for documents by one person in a minute, on pages and by the API "
        "together.",
    )
    api: bool = Field(default=False, description="Whether the API for programs is served.")

    @model_validator(mode="after")
    def _groups_are_named_as_the_provider_does(self) -> Self:
        named = {"GOVERNANCE_GROUP": self.governance_group, "ADMINISTRATORS_GROUP": self.administrators_group}
        wrong = [name for name, group in named.items() if group and not EMAIL.fullmatch(group)]
        if wrong and self.identity_provider == "google":
            raise ValueError(
                f"{', '.join(wrong)}: with IDENTITY_PROVIDER=google this must be a group's e-mail address"
            )
        return self

    @model_validator(mode="after")
    def _api_knows_its_callers(self) -> Self:
        if self.api and self.identity_provider == "google" and not self.audiences:
            raise ValueError(
                "API_AUDIENCES: with API on, name the OAuth clients whose ID tokens are accepted"
            )
        return self
