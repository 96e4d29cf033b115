"""Settings that both services have, and how settings are read: once, all errors reported together."""

import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn, Self

from pydantic import AfterValidator, Field, HttpUrl, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

Port = Annotated[int, Field(ge=1, le=65535)]


_http_url = TypeAdapter(HttpUrl)


def _http_base(url: str) -> str:
    return str(_http_url.validate_python(url)).rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_http_base)]
"""An http or https address without its trailing slash, as text."""


class ServiceSettings(BaseSettings):
    """What every service is told by its environment. Immutable; handed to constructors."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    deployment: Literal["production", "demo"] = Field(
        "production",
        description="`demo` allows plain http and the demo's public secrets; never use it for real.",
    )
    council_name: str = Field("Our council", min_length=1, description="Shown in the header of every page.")
    council_colour: str = Field(
        "#1d70b8", pattern=r"^#[0-9a-fA-F]{6}$", description="The council's colour, as #rrggbb."
    )
    council_logo_file: Path | None = Field(
        None, description="The council's logo, an SVG or PNG file; without it the name stands alone."
    )
    feedback_address: str | None = Field(
        None,
        pattern=r"^(https://\S+|[^@\s:/]+@[^@\s]+)$",
        description="Where people tell what they think: an e-mail address or a web page.",
    )
    myoffice_name: str = Field("MyOffice", min_length=1, description="What staff call the virtual desktop.")
    myoffice_url: str | None = Field(
        None, description="Where staff open the virtual desktop, if they can click to it."
    )
    support_contact: str = Field(
        "your IT service desk", min_length=1, description="Whom the error pages tell people to contact."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many reverse proxies stand in front and set X-Forwarded-* headers."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least level that is logged."
    )
    host: str = Field("127.0.0.1", description="The address to listen on, for both ports.")
    port: Port = Field(8000, description="The port that people reach.")
    ops_port: Port = Field(9100, description="The port for metrics and probes; never published.")
    workers: int = Field(2, ge=1, le=64, description="gunicorn worker processes.")
    threads: int = Field(32, ge=1, le=256, description="Threads in each worker.")

    @property
    def production(self) -> bool:
        """Whether the strict rules for real people's documents hold."""
        return self.deployment == "production"

    @classmethod
    def load(cls) -> Self:
        """Read the environment, or end the program with a list of everything that is wrong."""
        try:
            return cls()
        except ValidationError as error:
            _exit_listing(error)


def _exit_listing(error: ValidationError) -> NoReturn:
    lines = [
        f"  {'.'.join(str(part) for part in e['loc']).upper() or '(all)'}: {e['msg']}" for e in error.errors()
    ]
    sys.exit(
        "These settings are missing or wrong:\n" + "\n".join(lines) + "\ndocs/settings.md describes each one."
    )


ROOT = Path(__file__).parent
"""The folder of the shared package, for its templates and static files."""
