"""The redirector's settings. They are read once from the environment, and errors are reported together."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from redirector.rules import RulesError, load_rules
from shared.settings import BaseUrl, Port, ServiceSettings

SHIPPED_RULES = Path(__file__).with_name("rules.toml")
"""The rules file that comes with the program."""


class Settings(ServiceSettings):
    """All settings of the redirector. It has no secrets."""

    port: Port = Field(8001, description="The port that people's browsers reach, through a reverse proxy.")
    ops_port: Port = Field(9101, description="The port for metrics and health checks; never publish it.")

    viewer_url: BaseUrl = Field(
        description="The viewer's public address, such as https://documents.example.gov.uk; all "
        "redirects go there."
    )
    rules_file: Path = Field(
        SHIPPED_RULES,
        validate_default=True,
        description="Path of the rules file, which says which links are understood. Change it to add "
        "kinds of links.",
    )

    @field_validator("rules_file")
    @classmethod
    def _rules_are_good(cls, file: Path) -> Path:
        """Refuse to start with invalid rules, as with any other invalid setting."""
        try:
            load_rules(file)
        except RulesError as error:
            raise ValueError("\n    ".join([f"{file} cannot be used:", *error.problems])) from error
        return file

    @model_validator(mode="after")
    def _viewer_url_is_bare(self) -> Self:
        """Refuse a query or fragment, to which the document's path would be appended."""
        parts = urlsplit(str(self.viewer_url))
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError("VIEWER_URL must have no user name, query or fragment")
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        """Refuse plain http in production."""
        if self.production and urlsplit(str(self.viewer_url)).scheme != "https":
            raise ValueError("in production: VIEWER_URL must be https")
        return self
