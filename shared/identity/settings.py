"""What a service that people sign in to is told, whichever way they do."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from shared.actor import EMAIL
from shared.settings import BaseUrl, ServiceSettings

_DEMO_SECRET = "demo"  # noqa: S105 - the marker that demo secrets carry, so that production can refuse them
_SHORTEST_KEY = 32
_NO_SECRET = SecretStr("")
_EMAIL_OR_NONE = f"^({EMAIL.pattern})?$"
_NEEDED = {
    "google": (
        "google_client_id",
        "google_client_secret",
        "google_domain",
        "google_group",
        "google_service_account_file",
        "google_directory_admin",
    ),
    "council": ("council_login_url", "council_token_secret", "council_group"),
}
"""What each provider cannot do without."""


class IdentitySettings(ServiceSettings):
    """Who may come in, and how they say who they are. Secrets have no defaults."""

    public_url: BaseUrl = Field(
        description="The address people use, such as https://documents.example.gov.uk."
    )
    secret_keys: SecretStr = Field(
        description="Sign sessions and links: 32 characters or more each, separated by commas, newest first."
    )
    session_idle_minutes: int = Field(
        60, ge=1, le=720, description="Signed out after so long without a request."
    )
    session_hours: int = Field(
        10, ge=1, le=24, description="Signed out so long after signing in, whatever happens."
    )
    membership_seconds: int = Field(
        300,
        ge=0,
        le=300,
        description="How long a membership is remembered: so long may a leaver still see documents.",
    )

    identity_provider: Literal["google", "council"] = Field(
        "google", description="How people sign in: with Google, or by the council's own login."
    )

    google_client_id: str = Field("", description="OAuth client of this service.")
    google_client_secret: SecretStr = Field(_NO_SECRET, description="Its secret.")
    google_domain: str = Field(
        "",
        pattern=r"^([a-z0-9.-]+\.[a-z]+)?$",
        description="The council's Google Workspace domain; `hd` must equal it.",
    )
    google_group: str = Field(
        "",
        pattern=_EMAIL_OR_NONE,
        description="Address of the group whose members may come in.",
    )
    google_service_account_file: Path | None = Field(
        None,
        description="Key file of the service account that may read group members (domain-wide delegation).",
    )
    google_directory_admin: str = Field(
        "",
        pattern=_EMAIL_OR_NONE,
        description="The administrator whom the service account acts for.",
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
    google_issuer: BaseUrl = Field(
        "https://accounts.google.com",
        validate_default=True,
        description="Who makes the ID tokens that programs bring.",
    )
    google_keys_url: BaseUrl = Field(
        "https://www.googleapis.com/oauth2/v3/certs",
        validate_default=True,
        description="Where the keys that prove ID tokens are published.",
    )
    google_directory_url: BaseUrl = Field(
        "https://admin.googleapis.com/admin/directory/v1",
        validate_default=True,
        description="Admin SDK Directory API.",
    )
    google_timeout_seconds: float = Field(5, gt=0, le=30, description="Patience with each call to Google.")
    api_audiences: str = Field(
        "",
        description="OAuth clients, separated by commas, whose ID tokens programs may bring.",
    )

    council_login_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="The council's login, such as https://auth.example.gov.uk/auth.",
    )
    council_token_secret: SecretStr = Field(
        _NO_SECRET, description="The secret that its tokens are signed with: 32 characters or more."
    )
    council_token_issuer: str = Field("Hackney", min_length=1, description="The `iss` of its tokens.")
    council_token_cookie: str = Field(
        "hackneyToken", pattern=r"^[A-Za-z0-9_-]+$", description="The cookie that its tokens come in."
    )
    council_token_minutes: int = Field(
        60, ge=1, le=720, description="A token counts so long after it was made, its groups included."
    )
    council_group: str = Field("", description="Display name of the group whose members may come in.")

    @property
    def keys(self) -> list[str]:
        """The signing keys, oldest first, as itsdangerous wants them."""
        return [key.strip() for key in reversed(self.secret_keys.get_secret_value().split(","))]

    @property
    def audiences(self) -> list[str]:
        """The OAuth clients whose ID tokens are taken."""
        return [name.strip() for name in self.api_audiences.split(",") if name.strip()]

    @model_validator(mode="after")
    def _keys_are_long(self) -> Self:
        if any(len(key) < _SHORTEST_KEY for key in self.keys):
            raise ValueError(f"SECRET_KEYS: each key needs {_SHORTEST_KEY} characters or more")
        return self

    @model_validator(mode="after")
    def _provider_is_told(self) -> Self:
        missing = [
            name.upper()
            for name in _NEEDED[self.identity_provider]
            if getattr(self, name) in ("", None, _NO_SECRET)
        ]
        if missing:
            raise ValueError(f"IDENTITY_PROVIDER={self.identity_provider} needs {', '.join(missing)}")
        secret = self.council_token_secret.get_secret_value()
        if secret and len(secret) < _SHORTEST_KEY:
            raise ValueError(f"COUNCIL_TOKEN_SECRET: {_SHORTEST_KEY} characters or more")
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        """No plain http and no demo secret where real people's documents are."""
        if self.production and (wrong := self._insecure_urls() + self._demo_secrets()):
            raise ValueError("in production: " + "; ".join(wrong))
        return self

    def _insecure_urls(self) -> list[str]:
        urls = {"public_url", "council_login_url"} | {
            name for name in type(self).model_fields if name.startswith("google_") and name.endswith("_url")
        }
        plain = {name for name in urls | {"google_issuer"} if urlsplit(getattr(self, name)).scheme == "http"}
        return [f"{name.upper()} must be https" for name in sorted(plain)]

    def _demo_secrets(self) -> list[str]:
        secrets = {name: value for name, value in self if isinstance(value, SecretStr)}
        return [
            f"{name.upper()} is a demo secret"
            for name, value in secrets.items()
            if value.get_secret_value().startswith(_DEMO_SECRET)
        ]
