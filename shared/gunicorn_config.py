"""The gunicorn configuration of both services.

    SERVICE_NAME=viewer gunicorn -c python:shared.gunicorn_config viewer.wsgi:app

The service's settings are read here first, so that an invalid one stops the start with the list of all
problems, and not each worker in turn.

Workers use threads, because most of a request is waiting for Google, eDocs or a converter. There are two
ports, public and operations. Metrics are summed over workers through a folder that is emptied at every start.
"""

import importlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from shared.logs import dict_config
from shared.settings import ServiceSettings

_service = os.environ["SERVICE_NAME"]
_settings: ServiceSettings = importlib.import_module(f"{_service}.settings").Settings.load()
_own_metrics_folder = "PROMETHEUS_MULTIPROC_DIR" not in os.environ
if _own_metrics_folder:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")
_metrics_folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])

bind = [f"{_settings.host}:{_settings.port}", f"{_settings.host}:{_settings.ops_port}"]
worker_class = "shared.gunicorn_worker.ConnectionWorker"
workers = _settings.workers
threads = _settings.threads
timeout = 60
graceful_timeout = 20
keepalive = 5
worker_connections = 512  # in each worker process; a new client replaces the one that has waited longest
# a browser that signs in in many tabs at once sends a cookie for each
limit_request_field_size = 16384
limit_request_line = 8190
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat file; memory, so a slow disk cannot stop it
logger_class = "shared.gunicorn_worker.JsonLogger"
logconfig_dict = dict_config(_service, _settings.log_level)
control_socket_disable = True  # no control socket in a folder that both services share
accesslog = None  # each service writes its own log line for a request, without ids from the path


def on_starting(_server: Any) -> None:
    """Delete the metrics of earlier processes, so that counts start at zero."""
    shutil.rmtree(_metrics_folder, ignore_errors=True)
    _metrics_folder.mkdir(parents=True)


def child_exit(_server: Any, worker: Any) -> None:
    """Remove the live gauges of a worker that has ended."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - reads PROMETHEUS_MULTIPROC_DIR at import

    multiprocess.mark_process_dead(worker.pid)


def on_exit(_server: Any) -> None:
    """Delete the metrics folder where this process created it."""
    if _own_metrics_folder:
        shutil.rmtree(_metrics_folder, ignore_errors=True)
