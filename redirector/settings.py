"""The redirector's settings: read once from the environment, all errors reported together."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from redirector.rules import RulesError, load_rules
from shared.settings import BaseUrl, Port, ServiceSettings

SHIPPED_RULES = Path(__file__).with_name("rules.toml")
"""The rules that come with the program."""


class Settings(ServiceSettings):
    """Everything the redirector is told. It has no secrets."""

    port: Port = Field(8001, description="The port that people reach.")
    ops_port: Port = Field(9101, description="The port for metrics and probes; never published.")

    viewer_url: BaseUrl = Field(
        description="The viewer's address, such as https://documents.example.gov.uk: where all redirects go."
    )
    rules_file: Path = Field(
        SHIPPED_RULES,
        validate_default=True,
        description="The links that are understood; the default is the file that comes with the program.",
    )

    @field_validator("rules_file")
    @classmethod
    def _rules_are_good(cls, file: Path) -> Path:
        """A wrong rule stops the start, like any other wrong setting."""
        try:
            load_rules(file)
        except RulesError as error:
            raise ValueError("\n    ".join([f"{file} cannot be used:", *error.problems])) from error
        return file

    @model_validator(mode="after")
    def _viewer_url_is_bare(self) -> Self:
        """A query or fragment would swallow the document's path."""
        parts = urlsplit(str(self.viewer_url))
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError("VIEWER_URL must have no user name, query or fragment")
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        """No plain http where real people's documents are."""
        if self.production and urlsplit(str(self.viewer_url)).scheme != "https":
            raise ValueError("in production: VIEWER_URL must be https")
        return self
