"""Logging: each event is one line of JSON on standard output, with the request id and without personal data.

Only the fields that an event names are written. Callers never pass names, addresses, document ids, person
ids, tokens or content; `content` is the first 12 hex digits of a document's SHA-256.
"""

import logging.config
from typing import Any

import structlog

_QUIET = {
    "flask_dance": "WARNING",
    "requests_oauthlib": "WARNING",
    "oauthlib": "WARNING",
    "urllib3": "ERROR",
    "google": "WARNING",
    "werkzeug": "WARNING",
    "PIL": "WARNING",
    "msoffcrypto": "WARNING",
}
"""The levels below which libraries log secrets, addresses or URLs; urllib3 even logs paths in warnings."""


def _processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
    ]


def dict_config(service: str, level: str) -> dict[str, Any]:
    """The configuration with which the standard library's logging writes JSON lines."""

    def name_service(_logger: Any, _method: str, event: Any) -> Any:
        event["service"] = service
        return event

    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _processors(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    name_service,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {
            "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}
        },
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {name: {"level": least} for name, least in _QUIET.items()},
    }


def configure(service: str, level: str) -> None:
    """Write all logs of this process, also those of libraries, to standard output as JSON lines."""
    logging.config.dictConfig(dict_config(service, level))
    structlog.configure(
        processors=[*_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
