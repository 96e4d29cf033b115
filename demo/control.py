"""The control endpoints with which tests inject faults into a running stand-in and list its requests.

`POST /_faults` with JSON sets a fault, `DELETE /_faults` clears all; `GET /_requests` lists the requests
since the last `DELETE /_requests`. They are on loopback only, like the whole demo.
"""

import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, replace

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

EVERYTHING = "*"
"""The key of a fault that affects every request."""
_REMEMBERED_REQUESTS = 10_000
_MAX_DELAY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one part of a stand-in.

    Args:
        key: the part: a document's number, the name of an endpoint, or `*`.
        fail_times: the number of requests that it affects; None for all until it is cleared.
        status: the status of the response; None for the real response.
        delay_seconds: the delay before the response.
        truncate: the number of bytes after which the connection is closed; None for all.
    """

    key: str
    fail_times: int | None = None
    status: int | None = None
    delay_seconds: float = 0
    truncate: int | None = None


NO_FAULT = Fault(key="")


class Faults:
    """The active faults; safe for use by several threads."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._lock = threading.Lock()

    def set(self, fault: Fault) -> None:
        """Set a fault; an earlier fault with the same key is replaced."""
        with self._lock:
            self._faults[fault.key] = fault

    def clear(self) -> None:
        """Clear all faults."""
        with self._lock:
            self._faults.clear()

    def apply(self, key: str) -> Fault:
        """Use the fault that affects this key once: wait for its delay, and return it."""
        fault = self._take(key) or self._take(EVERYTHING) or NO_FAULT
        time.sleep(min(fault.delay_seconds, _MAX_DELAY_SECONDS))
        return fault

    def _take(self, key: str) -> Fault | None:
        with self._lock:
            fault = self._faults.get(key)
            if fault is None or fault.fail_times is None:
                return fault
            if fault.fail_times > 1:
                self._faults[key] = replace(fault, fail_times=fault.fail_times - 1)
            else:
                del self._faults[key]
            return fault


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request that a stand-in received, and the status of the response."""

    key: str
    status: int
    request_id: str | None


class RequestRecord:
    """The most recent requests, oldest first."""

    def __init__(self) -> None:
        self._requests: deque[ReceivedRequest] = deque(maxlen=_REMEMBERED_REQUESTS)

    def add(self, key: str, status: int) -> None:
        """Add the current request."""
        self._requests.append(ReceivedRequest(key, status, request.headers.get("X-Request-ID")))

    def clear(self) -> None:
        """Delete all requests."""
        self._requests.clear()

    def as_json(self) -> Response:
        """The list as a JSON response."""
        return jsonify([asdict(asked) for asked in list(self._requests)])


def control_blueprint(faults: Faults, record: RequestRecord) -> Blueprint:
    """The control endpoints."""
    blueprint = Blueprint("control", __name__)

    @blueprint.post("/_faults")
    def _set_fault() -> ResponseReturnValue:
        try:
            fault = Fault(**request.get_json())
        except TypeError as error:
            return jsonify(error=str(error)), 400
        faults.set(fault)
        return jsonify(asdict(fault)), 201

    @blueprint.delete("/_faults")
    def _clear_faults() -> ResponseReturnValue:
        faults.clear()
        return "", 204

    @blueprint.get("/_requests")
    def _list_requests() -> ResponseReturnValue:
        return record.as_json()

    @blueprint.delete("/_requests")
    def _clear_requests() -> ResponseReturnValue:
        record.clear()
        return "", 204

    return blueprint
