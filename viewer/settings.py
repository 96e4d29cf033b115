"""The viewer's settings: read once from the environment, all errors reported together."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from shared.settings import BaseUrl, Port, ServiceSettings

_DEMO_SECRET = "demo"  # noqa: S105 - the marker that demo secrets carry, so that production can refuse them
_SHORTEST_KEY = 32


class Settings(ServiceSettings):
    """Everything the viewer is told. Secrets have no defaults."""

    port: Port = Field(8002, description="The port that people reach.")
    ops_port: Port = Field(9102, description="The port for metrics and probes; never published.")

    public_url: BaseUrl = Field(
        description="The address people use, such as https://documents.example.gov.uk."
    )
    secret_keys: SecretStr = Field(
        description="Sign sessions and links: 32 characters or more each, separated by commas, newest first."
    )

    google_client_id: str = Field(min_length=1, description="OAuth client of this service.")
    google_client_secret: SecretStr = Field(description="Its secret.")
    google_domain: str = Field(
        pattern=r"^[a-z0-9.-]+\.[a-z]+$",
        description="The council's Google Workspace domain; `hd` must equal it.",
    )
    google_group: str = Field(
        pattern=r"^[^@\s/?#%]+@[^@\s/?#%]+$",
        description="Address of the group whose members may see documents.",
    )
    google_service_account_file: Path = Field(
        description="Key file of the service account that may read group members (domain-wide delegation)."
    )
    google_directory_admin: str = Field(
        pattern=r"^[^@\s]+@[^@\s]+$", description="The administrator whom the service account acts for."
    )
    google_authorize_url: BaseUrl = Field(
        "https://accounts.google.com/o/oauth2/v2/auth",
        validate_default=True,
        description="OpenID authorisation endpoint.",
    )
    google_token_url: BaseUrl = Field(
        "https://oauth2.googleapis.com/token", validate_default=True, description="OpenID token endpoint."
    )
    google_userinfo_url: BaseUrl = Field(
        "https://openidconnect.googleapis.com/v1/userinfo",
        validate_default=True,
        description="OpenID user info endpoint.",
    )
    google_directory_url: BaseUrl = Field(
        "https://admin.googleapis.com/admin/directory/v1",
        validate_default=True,
        description="Admin SDK Directory API.",
    )
    google_timeout_seconds: float = Field(5, gt=0, le=30, description="Patience with each call to Google.")
    membership_seconds: int = Field(
        300,
        ge=0,
        le=300,
        description="How long a membership is remembered: so long may a leaver still see documents.",
    )
    session_idle_minutes: int = Field(
        60, ge=1, le=720, description="Signed out after so long without a request."
    )
    session_hours: int = Field(
        10, ge=1, le=24, description="Signed out so long after signing in, whatever happens."
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
    max_office_mb: int = Field(50, ge=1, le=200, description="Office files above this size are refused.")
    max_unpacked_mb: int = Field(
        500,
        ge=1,
        le=4096,
        description="Zip-based documents that unpack to more are refused, "
        "and so is more on the way to one file in archives.",
    )
    max_rendition_mb: int = Field(200, ge=1, le=2048, description="PDFs above this size are refused.")
    conversion_seconds: float = Field(60, gt=0, le=600, description="Limit for one conversion's work.")
    queue_seconds: float = Field(30, gt=0, le=120, description="Limit for waiting for a free converter.")
    rendition_wait_seconds: float = Field(
        4, ge=0, le=20, description="A rendition not ready by then answers 202, and the page asks again."
    )
    conversions_per_worker: int = Field(
        8, ge=1, le=64, description="Conversions that one worker process has under way."
    )

    converters: int = Field(
        3, ge=1, le=100, description="How many unoservers there are; only to tell people about the queue."
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
    link_seconds: int = Field(300, ge=5, le=300, description="How long a link to a document's bytes works.")

    @property
    def keys(self) -> list[str]:
        """The signing keys, oldest first, as itsdangerous wants them."""
        return [key.strip() for key in reversed(self.secret_keys.get_secret_value().split(","))]

    @model_validator(mode="after")
    def _keys_are_long(self) -> Self:
        if any(len(key) < _SHORTEST_KEY for key in self.keys):
            raise ValueError(f"SECRET_KEYS: each key needs {_SHORTEST_KEY} characters or more")
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        """No plain http and no demo secret where real people's documents are."""
        if not self.production:
            return self
        urls = {
            "PUBLIC_URL": self.public_url,
            "GOOGLE_AUTHORIZE_URL": self.google_authorize_url,
            "GOOGLE_TOKEN_URL": self.google_token_url,
            "GOOGLE_USERINFO_URL": self.google_userinfo_url,
            "GOOGLE_DIRECTORY_URL": self.google_directory_url,
        }
        wrong = [
            f"{name} must be https" for name, url in urls.items() if urlsplit(str(url)).scheme != "https"
        ]
        secrets = {
            "SECRET_KEYS": self.secret_keys,
            "GOOGLE_CLIENT_SECRET": self.google_client_secret,
            "EDOCS_API_KEY": self.edocs_api_key,
        }
        wrong += [
            f"{name} is a demo secret"
            for name, secret in secrets.items()
            if secret.get_secret_value().startswith(_DEMO_SECRET)
        ]
        if wrong:
            raise ValueError("in production: " + "; ".join(wrong))
        return self
