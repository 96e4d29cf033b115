"""Logging: each event is one line of JSON on standard output, with the request id and without personal data.

Only the fields that an event names are written. Callers never pass names, addresses, document ids, person
ids, tokens or content; `content` is the first 12 hex digits of a document's SHA-256. Of an exception only the
classes and the lines of code are written, since its message may repeat what somebody sent.
"""

import logging.config
import sys
import threading
import traceback
from types import TracebackType
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


_MAX_FRAMES = 40
"""The most lines of code that are logged of one exception: the innermost ones."""


def exception_lines(error: BaseException | None) -> list[str]:
    """Describe an exception and its causes without their messages.

    Returns:
        For each exception its class, and after it the lines of code that led there, the outermost first.
    """
    lines: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        lines += [f"{type(error).__module__}.{type(error).__qualname__}", *_frames(error.__traceback__)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


def _frames(at: TracebackType | None) -> list[str]:
    lines = [
        f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(at)
    ]
    return lines[-_MAX_FRAMES:]


def _name_exception(_logger: Any, _method: str, event: Any) -> Any:
    about = event.pop("exc_info", None)
    if about is True:
        about = sys.exc_info()
    error = about[1] if isinstance(about, tuple) else about
    if isinstance(error, BaseException):
        event["exception"] = exception_lines(error)
    return event


def _log_failed_thread(failed: threading.ExceptHookArgs) -> None:
    structlog.get_logger(__name__).error("thread failed", exc_info=failed.exc_value)


def _processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _name_exception,
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
    threading.excepthook = _log_failed_thread
    structlog.configure(
        processors=[*_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
