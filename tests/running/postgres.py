"""A real PostgreSQL server for tests, in its own temporary folder and with a socket there."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

_DEBIAN = Path("/usr/lib/postgresql")
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server.

    Args:
        folder: with its socket; nobody else's.
    """

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str, user: str = "owner") -> str:
        """SQLAlchemy's address of one database, for one role."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The name of a new, empty database."""
        name = f"audit_{next(self._numbers)}"
        self.run("postgres", f"CREATE DATABASE {name}")
        return name

    def run(self, database: str, *statements: str) -> None:
        """Run statements as the server's owner, on a separate connection."""
        engine = create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a server until the block ends, then delete its folder."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    data = folder / "data"
    if _as_user():
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    options = f"-c listen_addresses= -k {folder} -c fsync=off -c max_connections=100"
    try:
        _run("initdb", "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        _run("pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "-t", _SECONDS, "start")
        try:
            yield Cluster(folder)
        finally:
            _run("pg_ctl", "-D", data, "-m", "fast", "-w", "-t", _SECONDS, "stop")
    finally:
        shutil.rmtree(folder)


def _as_user() -> list[str]:
    """Run as Debian's postgres user where the test runs as root, which PostgreSQL refuses."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _run(program: str, *arguments: object) -> None:
    found = sorted(_DEBIAN.glob(f"*/bin/{program}"))
    assert found, f"{program} is missing: it comes with the package postgresql"
    command = [*_as_user(), str(found[-1]), *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=2 * _SECONDS,
        check=False,
    )
    assert done.returncode == 0, command
