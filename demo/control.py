"""Faults on demand and a record of what was asked: how tests steer a stand-in while it runs.

`POST /_faults` with JSON breaks a part, `DELETE /_faults` mends everything; `GET /_requests` lists what
was asked since the last `DELETE /_requests`. Loopback only, like everything in the demo.
"""

import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, replace

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

EVERYTHING = "*"
"""The key of a fault that strikes whatever is asked."""
_REMEMBERED_REQUESTS = 10_000
_LONGEST_DELAY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one part of a stand-in.

    Args:
        key: the part: a document's number, the name of an endpoint, or `*`.
        fail_times: how often; None: until mended.
        status: answered instead of the real answer; None: the real one.
        delay_seconds: silence before the answer.
        truncate: the connection breaks after so many bytes of the answer; None: it doesn't.
    """

    key: str
    fail_times: int | None = None
    status: int | None = None
    delay_seconds: float = 0
    truncate: int | None = None


NO_FAULT = Fault(key="")


class Faults:
    """The faults that are set now; safe to use from many threads."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._lock = threading.Lock()

    def set(self, fault: Fault) -> None:
        """Break a part; replaces what was set for it before."""
        with self._lock:
            self._faults[fault.key] = fault

    def clear(self) -> None:
        """Mend everything."""
        with self._lock:
            self._faults.clear()

    def suffer(self, key: str) -> Fault:
        """Wait out the delay of the fault that strikes this part now, use it up once, and give it."""
        fault = self._take(key) or self._take(EVERYTHING) or NO_FAULT
        time.sleep(min(fault.delay_seconds, _LONGEST_DELAY_SECONDS))
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
class Asked:
    """One request that a stand-in got, and what it answered."""

    key: str
    status: int
    request_id: str | None


class RequestRecord:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._asked: deque[Asked] = deque(maxlen=_REMEMBERED_REQUESTS)

    def add(self, key: str, status: int) -> None:
        """Remember the request that is being answered."""
        self._asked.append(Asked(key, status, request.headers.get("X-Request-ID")))

    def clear(self) -> None:
        """Forget them all."""
        self._asked.clear()

    def as_json(self) -> Response:
        """The list as a response."""
        return jsonify([asdict(asked) for asked in list(self._asked)])


def control_blueprint(faults: Faults, record: RequestRecord) -> Blueprint:
    """The endpoints that tests use."""
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
    def _mend() -> ResponseReturnValue:
        faults.clear()
        return "", 204

    @blueprint.get("/_requests")
    def _list_requests() -> ResponseReturnValue:
        return record.as_json()

    @blueprint.delete("/_requests")
    def _forget_requests() -> ResponseReturnValue:
        record.clear()
        return "", 204

    return blueprint
