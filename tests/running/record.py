"""The audit record of a viewer that tests start."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def create_record(environment: Mapping[str, str]) -> None:
    """Create the record with the operators' command, where its SQLite file is missing or on PostgreSQL."""
    file = Path(environment["AUDIT_URL"].removeprefix("sqlite:///"))
    if not file.exists():
        command = [sys.executable, "-m", "viewer.cli", "audit", "init"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60, stdout=subprocess.DEVNULL)
