"""gunicorn's entry: `gunicorn -c python:shared.gunicorn_config viewer.wsgi:app`."""

import structlog

from shared import logs
from viewer.app import create_app, create_wsgi
from viewer.settings import Settings
from viewer.sweeper import log_head_regularly, sweep_regularly

_settings = Settings.load()
logs.configure("viewer", _settings.log_level)
structlog.get_logger("viewer").info("settings", **_settings.model_dump(mode="json"))
_viewer = create_app(_settings)
sweep_regularly(_viewer.swept)
log_head_regularly(_viewer.audit)
app = create_wsgi(_viewer, _settings)
