"""One LibreOffice and the unoserver converter that drives it, working for `guard.py` over a socket.

Started by the guard in a session of its own, so that both can be killed as one group. It uses unoserver's
`UnoConverter` rather than its server: that one offers every caller the whole file system by path, loads
documents as visible ones, and takes at least seven seconds to start.

Run as: office.py SOCKET_FD UNO_PORT FOLDER MEMORY_MB
"""

import contextlib
import ctypes
import json
import logging
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from io import BufferedRWPair
from pathlib import Path, PurePosixPath
from typing import Any

from sheets import lay_out
from unoserver.converter import UnoConverter

# isort: split
# only now: the `uno` module that unoserver imports makes these importable
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.uno import Exception as UnoException

SOFFICE = "/usr/lib/libreoffice/program/soffice.bin"
_HARDENING = Path(__file__).with_name("hardening.xcu")
_FONTS = Path(__file__).with_name("fonts.conf")
_START_SECONDS = 60
_START_AGAIN = 81
"""What soffice.bin exits with when it has set a new profile up (EXITHELPER_NORMAL_RESTART)."""
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_TABLE_FILTER = "Text - txt - csv (StarCalc)"
_TABLE_OPTIONS = "44,34,76,1," + "/".join(f"{column}/2" for column in range(1, 1025))
"""Commas, double quotes, UTF-8, from the first line, all columns text: a telephone number keeps its zero."""
_SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"
_LARGEST_FILE = 1024 * 1024 * 1024
"""Bytes that any file written by the office may have: a bomb must not fill the memory that /tmp is."""


class CarefulDesktop:
    """Loads every document hidden, without macros, without updating links; and tables as they are written.

    A visible document may reload itself as another one (a page refresh in HTML), and show a local file.
    """

    def __init__(self, desktop: Any) -> None:
        self._desktop = desktop

    def loadComponentFromURL(self, url: str, target: str, flags: int, props: tuple[Any, ...]) -> Any:  # noqa: N802 - UNO's name
        """See com.sun.star.frame.XComponentLoader."""
        more: dict[str, Any] = {"Hidden": True, "MacroExecutionMode": 0, "UpdateDocMode": 0}
        is_table = any(prop.Name == "FilterName" and prop.Value == _TABLE_FILTER for prop in props)
        if is_table:
            more["FilterOptions"] = _TABLE_OPTIONS
        props += tuple(PropertyValue(Name=name, Value=value) for name, value in more.items())
        document = self._desktop.loadComponentFromURL(url, target, flags, props)
        if document is not None and document.supportsService(_SPREADSHEET):
            with contextlib.suppress(UnoException):  # laid out plainly it is still there
                lay_out(document, PurePosixPath(url).stem)
        return document


def die_with_parent() -> None:
    """Be killed when the parent ends, however it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def limit(memory_mb: int) -> None:
    """Bound this process and all it starts: address space, file size, no core dumps."""
    address_space = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def make_profile(folder: Path) -> Path:
    """A fresh profile that holds nothing but the hardened settings."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    shutil.copy(_HARDENING, profile / "user" / "registrymodifications.xcu")
    return profile


def start_office(folder: Path, profile: Path, uno_port: int) -> subprocess.Popen[bytes]:
    """LibreOffice, listening for the converter once it is up."""
    command = [
        SOFFICE,
        "--headless",
        "--invisible",
        "--nocrashreport",
        "--nodefault",
        "--nologo",
        "--nofirststartwizard",
        "--norestore",
        f"-env:UserInstallation={profile.as_uri()}",
        f"--accept=socket,host=127.0.0.1,port={uno_port},tcpNoDelay=1;urp;StarOffice.ComponentContext",
    ]
    environment = {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": str(_FONTS),
        "SAL_USE_VCLPLUGIN": "svp",
    }
    return subprocess.Popen(  # noqa: S603 - a fixed command
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has one thread
    )


def start(folder: Path, uno_port: int) -> UnoConverter:
    """The converter, once an office answers it.

    Raises:
        RuntimeError: it ended, or does not answer in time.
    """
    profile = make_profile(folder)
    office = start_office(folder, profile, uno_port)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if office.poll() == _START_AGAIN:
            office = start_office(folder, profile, uno_port)
        elif office.poll() is not None:
            break
        try:
            converter = UnoConverter("127.0.0.1", str(uno_port), temp_dir=str(folder))
        except NoConnectException:
            time.sleep(0.05)
            continue
        converter.desktop = CarefulDesktop(converter.desktop)
        threading.Thread(target=end_with, args=(office,), daemon=True).start()
        return converter
    raise RuntimeError(f"LibreOffice did not start, exit status {office.poll()}")


def end_with(office: subprocess.Popen[bytes]) -> None:
    """End this process when the office ends: the guard sees the socket close, before it sends a document."""
    office.wait()
    os._exit(1)


def serve(channel: BufferedRWPair, converter: UnoConverter) -> None:
    """Answer jobs until the guard hangs up.

    A job is a line of JSON (`size` in bytes and the arguments of `UnoConverter.convert`) and the document;
    an answer is a line of JSON (`size`, or `error`, the kind of exception) and the PDF.
    """
    while line := channel.readline():
        job = json.loads(line)
        document = channel.read(job.pop("size"))
        answer: dict[str, Any]
        try:
            pdf = converter.convert(indata=document, convert_to="pdf", **job)
            answer = {"size": len(pdf)}
        except Exception as error:  # noqa: BLE001 - whatever it is, the guard decides what it means
            pdf, answer = b"", {"error": type(error).__name__}
        channel.write(json.dumps(answer).encode() + b"\n" + pdf)
        channel.flush()


def main() -> None:
    """Start the office, then serve the guard."""
    socket_fd, uno_port, folder, memory_mb = (
        int(sys.argv[1]),
        int(sys.argv[2]),
        Path(sys.argv[3]),
        int(sys.argv[4]),
    )
    die_with_parent()
    limit(memory_mb)
    os.umask(0o077)
    logging.getLogger("unoserver").addHandler(logging.NullHandler())  # the guard alone writes the log
    converter = start(folder, uno_port)
    with socket.socket(fileno=socket_fd) as guard, guard.makefile("rwb") as channel:
        serve(channel, converter)


if __name__ == "__main__":
    main()
