"""The settings of sign-in, sessions and groups."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from shared.actor import EMAIL
from shared.settings import BaseUrl, ServiceSettings

_DEMO_SECRET = "demo"  # noqa: S105 - the marker that demo secrets carry, so that production can refuse them
_MIN_KEY_LENGTH = 32
_NO_SECRET = SecretStr("")
_EMAIL_OR_NONE = f"^({EMAIL.pattern})?$"
_REQUIRED = {
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
"""The settings that each identity provider requires."""


class IdentitySettings(ServiceSettings):
    """The settings of a service with sign-in. Secrets have no defaults."""

    public_url: BaseUrl = Field(
        description="The address at which people reach this service, such as "
        "https://documents.example.gov.uk."
    )
    secret_keys: SecretStr = Field(
        description="The keys that sign sessions and links, each of 32 or more random characters, "
        "separated by commas. The first one signs and all are accepted; put a new one in "
        "front to change keys."
    )
    session_idle_minutes: int = Field(
        60, ge=1, le=720, description="Minutes without a request after which a person must sign in again."
    )
    session_hours: int = Field(
        10,
        ge=1,
        le=24,
        description="Hours after sign-in at which a person must sign in again, even while active.",
    )
    membership_seconds: int = Field(
        300,
        ge=0,
        le=300,
        description="Seconds for which a group membership is cached. A person removed from the group may "
        "still see documents for so long; 0 asks the directory at every request.",
    )

    identity_provider: Literal["google", "council"] = Field(
        "google",
        description="How people sign in: `google`, or `council` for the council's own login service.",
    )

    google_client_id: str = Field("", description="Client id of this service's OAuth client at Google.")
    google_client_secret: SecretStr = Field(
        _NO_SECRET, description="Client secret of this service's OAuth client at Google."
    )
    google_domain: str = Field(
        "",
        pattern=r"^([a-z0-9.-]+\.[a-z]+)?$",
        description="The council's Google Workspace domain; accounts of other domains are refused.",
    )
    google_group: str = Field(
        "",
        pattern=_EMAIL_OR_NONE,
        description="E-mail address of the group whose members may see documents; nested groups count.",
    )
    google_service_account_file: Path | None = Field(
        None,
        description="Path of the key file of the service account that may read group members by "
        "domain-wide delegation.",
    )
    google_directory_admin: str = Field(
        "",
        pattern=_EMAIL_OR_NONE,
        description="E-mail address of the administrator for whom the service account acts.",
    )
    google_authorize_url: BaseUrl = Field(
        "https://accounts.google.com/o/oauth2/v2/auth",
        validate_default=True,
        description="Google's OpenID authorisation endpoint. Change it for tests only, like the next five.",
    )
    google_token_url: BaseUrl = Field(
        "https://oauth2.googleapis.com/token",
        validate_default=True,
        description="Google's OpenID token endpoint.",
    )
    google_userinfo_url: BaseUrl = Field(
        "https://openidconnect.googleapis.com/v1/userinfo",
        validate_default=True,
        description="Google's OpenID user info endpoint.",
    )
    google_issuer: BaseUrl = Field(
        "https://accounts.google.com",
        validate_default=True,
        description="The `iss` claim that ID tokens of programs must have.",
    )
    google_keys_url: BaseUrl = Field(
        "https://www.googleapis.com/oauth2/v3/certs",
        validate_default=True,
        description="Where Google publishes the keys that verify ID tokens.",
    )
    google_directory_url: BaseUrl = Field(
        "https://admin.googleapis.com/admin/directory/v1",
        validate_default=True,
        description="Base address of Google's Directory API.",
    )
    google_timeout_seconds: float = Field(
        5,
        gt=0,
        le=30,
        description="Timeout of each call to Google, in seconds; a check of several calls has twice as long.",
    )
    api_audiences: str = Field(
        "",
        description="Client ids, separated by commas, of the OAuth clients whose ID tokens the API accepts.",
    )

    council_login_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Address of the council's login page, such as https://auth.example.gov.uk/auth.",
    )
    council_token_secret: SecretStr = Field(
        _NO_SECRET,
        description="The secret, of 32 or more characters, with which the council's login signs its tokens.",
    )
    council_token_issuer: str = Field(
        "Hackney", min_length=1, description="The `iss` claim that the council's tokens must have."
    )
    council_token_cookie: str = Field(
        "hackneyToken",
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Name of the cookie in which the council's login sets its token.",
    )
    council_token_minutes: int = Field(
        60, ge=1, le=720, description="Minutes after which a token of the council, with its groups, expires."
    )
    council_group: str = Field("", description="Display name of the group whose members may see documents.")

    @property
    def keys(self) -> list[str]:
        """The signing keys, oldest first, as itsdangerous wants them."""
        return [key.strip() for key in reversed(self.secret_keys.get_secret_value().split(","))]

    @property
    def over_https(self) -> bool:
        """Whether browsers reach the service by https, which production requires."""
        return self.public_url.startswith("https://")

    @property
    def audiences(self) -> list[str]:
        """The OAuth clients whose ID tokens the API accepts."""
        return [name.strip() for name in self.api_audiences.split(",") if name.strip()]

    @model_validator(mode="after")
    def _keys_are_long(self) -> Self:
        if any(len(key) < _MIN_KEY_LENGTH for key in self.keys):
            raise ValueError(f"SECRET_KEYS: each key needs {_MIN_KEY_LENGTH} characters or more")
        return self

    @model_validator(mode="after")
    def _provider_is_complete(self) -> Self:
        missing = [
            name.upper()
            for name in _REQUIRED[self.identity_provider]
            if getattr(self, name) in ("", None, _NO_SECRET)
        ]
        if missing:
            raise ValueError(f"IDENTITY_PROVIDER={self.identity_provider} needs {', '.join(missing)}")
        secret = self.council_token_secret.get_secret_value()
        if secret and len(secret) < _MIN_KEY_LENGTH:
            raise ValueError(f"COUNCIL_TOKEN_SECRET: {_MIN_KEY_LENGTH} characters or more")
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        """Refuse plain http and demo secrets in production."""
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
