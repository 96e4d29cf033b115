"""gunicorn's entry: `gunicorn -c python:shared.gunicorn_config redirector.wsgi:app`."""

import structlog

from redirector.app import create_service
from redirector.settings import Settings
from shared import logs

_settings = Settings.load()
logs.configure("redirector", _settings.log_level)
structlog.get_logger("redirector").info("settings", **_settings.model_dump(mode="json"))
app = create_service(_settings)
