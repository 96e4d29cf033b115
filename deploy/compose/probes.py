"""What the smoke run executes inside containers: Python for the standard library alone, printing JSON."""

CONFINEMENT = """
import json
status = dict(line.split(":\\t", 1) for line in open("/proc/1/status").read().splitlines() if ":\\t" in line)
root = next(line.split() for line in open("/proc/1/mounts") if line.split()[1] == "/")
print(json.dumps({
    "is not root": status["Uid"].split()[1] != "0",
    "has no capabilities": not any(int(status[name], 16) for name in ("CapEff", "CapBnd", "CapPrm")),
    "can gain no privileges": status["NoNewPrivs"].strip() == "1",
    "has a read-only root": "ro" in root[3].split(","),
}))
"""
"""Facts about a container's first process, each of which should be true."""

REACHED = """
import json, socket
from concurrent.futures import ThreadPoolExecutor
def reached(place):
    try:
        socket.create_connection(tuple(place), timeout=3).close()
    except OSError:
        return None
    return f"{place[0]}:{place[1]}"
with ThreadPoolExecutor(len(PLACES)) as pool:
    print(json.dumps([place for place in pool.map(reached, PLACES) if place]))
"""
"""Which of the PLACES, a list that stands before this code, a container can connect to."""

SECRETS = """
import json, os
print(json.dumps([name for name in os.environ if "KEY" in name or "SECRET" in name]))
"""
"""The names of secrets that a container is told; where it has no business with any."""

AUDIT = """
import json, sqlite3
audit = sqlite3.connect("/var/lib/viewer/audit/audit.db")
print(json.dumps(audit.execute("SELECT DISTINCT outcome, email, document_id FROM audit").fetchall()))
"""
"""What the viewer has on record."""

PROCESSOR_TIME = """
import os
total = 0
for process in filter(str.isdecimal, os.listdir("/proc")):
    try:
        total += sum(map(int, open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()[11:13]))
    except OSError:
        pass
print(total)
"""
"""The processor time that a container's living processes have used, in ticks of 10 ms."""
