"""HAProxy with the shipped configuration before offices on other ports; nothing of it stays."""

import http.client
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conversion.offices import ROOT, Guard, processes, short_folder
from tests.running.ports import free_port
from tests.running.waiting import listens, wait_until

HAPROXY_CFG = ROOT / "deploy/haproxy/haproxy.cfg"


@dataclass
class Balancer:
    """A running HAProxy.

    Args:
        folder: for its configuration and its log.
        guards: ports of the guards behind it.
        long_jobs: long documents at work at once.
    """

    folder: Path
    guards: list[int]
    long_jobs: int
    port: int = field(default_factory=free_port)
    operations: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def configuration(self) -> Path:
        return self.folder / "haproxy.cfg"

    def start(self) -> None:
        """Return when it listens."""
        self.configuration.write_text(self._text())
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/haproxy", "-W", "-db", "-f", str(self.configuration)],
                env={
                    "HAPROXY_BIND": "127.0.0.1",
                    "DOCUMENTS_PORT": str(self.port),
                    "METRICS_PORT": str(self.operations),
                    "LONG_JOBS": str(self.long_jobs),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: listens(self.port), 10, "HAProxy")

    def stop(self) -> None:
        """End it at once."""
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=10)
            self.process = None

    def servers_up(self) -> int:
        """How many offices it sends documents to, by its own metrics."""
        up = r'^haproxy_server_status\{proxy="unoservers"[^}]*state="UP"[^}]*\} 1$'
        return len(re.findall(up, self._metrics("server"), re.MULTILINE))

    def queued(self) -> int:
        """How many documents wait for a free office, by its own metrics."""
        queue = r'^haproxy_backend_current_queue\{proxy="unoservers"\} (\d+)$'
        [number] = re.findall(queue, self._metrics("backend"), re.MULTILINE)
        return int(number)

    def _metrics(self, scope: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.operations, timeout=5)
        connection.request("GET", f"/metrics?scope={scope}")
        metrics = connection.getresponse().read().decode()
        connection.close()
        return metrics

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Its processes stand still until the block ends: connections are accepted by the kernel alone."""
        numbers = list(processes(str(self.configuration)))
        for number in numbers:
            os.kill(number, signal.SIGSTOP)
        try:
            yield
        finally:
            for number in numbers:
                os.kill(number, signal.SIGCONT)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nothing listens until the block ends, or until it is started in it."""
        self.stop()
        try:
            yield
        finally:
            if self.process is None:
                self.start()

    def _text(self) -> str:
        text = re.sub(r"\n +server unoserver\d .*", "", HAPROXY_CFG.read_text())
        servers = "".join(
            f"\n    server unoserver{number} 127.0.0.1:{port}" for number, port in enumerate(self.guards, 1)
        )
        assert text.count("\n.else\n") == 1
        return text.replace("\n.else", f"\n.else{servers}")


@contextmanager
def balancing(ports: list[int], long_jobs: int) -> Iterator[Balancer]:
    """HAProxy before guards on these ports, until the block ends; it knows that all are up."""
    with short_folder() as folder:
        balancer = Balancer(folder, ports, long_jobs)
        balancer.start()
        try:
            wait_until(lambda: balancer.servers_up() == len(ports), 30, "HAProxy sees all offices")
            yield balancer
        finally:
            balancer.stop()


@contextmanager
def balanced(guards: list[Guard], long_jobs: int = 0) -> Iterator[int]:
    """HAProxy before the guards, until the block ends.

    Args:
        guards: behind it.
        long_jobs: long documents at work at once; all offices but one unless said.

    Yields:
        the port that documents are sent to.
    """
    with balancing([guard.port for guard in guards], long_jobs or max(1, len(guards) - 1)) as balancer:
        yield balancer.port
