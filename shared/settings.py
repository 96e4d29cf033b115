"""The settings of both services. They are read once, and all errors are reported together."""

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
"""An http or https URL as text, without a trailing slash."""


class ServiceSettings(BaseSettings):
    """The settings that both services read from environment variables; immutable."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    deployment: Literal["production", "demo"] = Field(
        "production",
        description="`production`, or `demo` for trying it out: `demo` allows plain http and the "
        "published demo secrets, so never use it with real documents.",
    )
    council_name: str = Field(
        "Our council",
        min_length=1,
        description="The council's name, in the header and the texts of every page.",
    )
    council_colour: str = Field(
        "#1d70b8",
        pattern=r"^#[0-9a-fA-F]{6}$",
        description="The council's colour in the header, as #rrggbb; the text on it becomes black or "
        "white by contrast.",
    )
    council_logo_file: Path | None = Field(
        None,
        description="Path of the council's logo, an SVG or PNG file; without it the header shows the "
        "name alone.",
    )
    feedback_address: str | None = Field(
        None,
        pattern=r"^(https://\S+|[^@\s:/]+@[^@\s]+)$",
        description="Where people send feedback: an e-mail address or an https page; without it pages "
        "show no such link.",
    )
    myoffice_name: str = Field(
        "MyOffice",
        min_length=1,
        description="The name by which staff know the virtual desktop, in which documents open that "
        "cannot be shown here.",
    )
    myoffice_url: str | None = Field(
        None,
        description="Address of the virtual desktop, linked from problem pages; leave it empty where "
        "there is no link to it.",
    )
    support_contact: str = Field(
        "your IT service desk", min_length=1, description="Whom problem pages tell people to contact."
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=5,
        description="The number of reverse proxies in front that set X-Forwarded-For and "
        "X-Forwarded-Proto. Too low, and the audit records a proxy's address; too high, and "
        "clients can forge theirs.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO",
        description="The lowest level of log events that are written; use DEBUG for a short time only.",
    )
    host: str = Field(
        "127.0.0.1", description="The network address that both ports listen on; 0.0.0.0 for all."
    )
    port: Port = Field(8000, description="The port that people's browsers reach, through a reverse proxy.")
    ops_port: Port = Field(9100, description="The port for metrics and health checks; never publish it.")
    workers: int = Field(
        2,
        ge=1,
        le=64,
        description="The number of gunicorn worker processes; about one for each processor core.",
    )
    threads: int = Field(
        32,
        ge=1,
        le=256,
        description="The number of threads in each worker process, and so of requests that it handles at "
        "the same time.",
    )

    @property
    def production(self) -> bool:
        """Whether the strict rules for production apply."""
        return self.deployment == "production"

    @classmethod
    def load(cls) -> Self:
        """Read the environment; exit with a list of all problems where settings are missing or invalid."""
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
