"""What gunicorn loads: `gunicorn -c python:shared.gunicorn_config redirector.wsgi:app`."""

import sys

import structlog

from redirector.app import create_service
from redirector.rules import RulesError
from redirector.settings import Settings
from shared.logs import configure
from shared.ops import PortDispatcher


def _service() -> PortDispatcher:
    """Read the settings, say what they are, and build the service, or end with all that is wrong."""
    settings = Settings.load()
    configure("redirector", settings.log_level)
    try:
        service = create_service(settings)
    except RulesError as error:
        listing = "\n".join(f"  {problem}" for problem in error.problems)
        sys.exit(f"The rules in {settings.rules_file} cannot be used:\n{listing}")
    structlog.get_logger(__name__).info("started", settings=settings.model_dump(mode="json"))
    return service


app = _service()
