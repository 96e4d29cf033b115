"""Runs one LibreOffice with unoserver's converter, and takes jobs from `guard.py` over a socket.

Started by the guard in a session of its own, so that both can be killed as one group. It uses unoserver's
`UnoConverter` rather than its server: that one offers every caller the whole file system by path, loads
documents as visible ones, and takes at least seven seconds to start.

Run as: office.py SOCKET_FD UNO_PORT FOLDER MEMORY_MB UID LOCALE
"""

import contextlib
import ctypes
import json
import logging
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from io import BufferedRWPair
from pathlib import Path, PurePosixPath
from typing import Any

from locale_formats import LocaleFormats
from missing_pictures import mark_missing_pictures
from sheets import lay_out
from text_sizes import give_texts_room
from unoserver.converter import UnoConverter

# isort: split
# only now: the `uno` module that unoserver imports makes these importable
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.uno import Exception as UnoException

_PROGRAM = Path("/usr/lib/libreoffice/program")
SOFFICE = str(_PROGRAM / "soffice.bin")
_FONTS = Path(__file__).with_name("fonts.conf")
_HARDENING = Path(__file__).parent
"""The folder of hardening.xcd."""
_SETTINGS_LAYERS = " ".join(
    (
        "xcsxcu:${BRAND_BASE_DIR}/share/registry",
        "res:${BRAND_BASE_DIR}/share/registry",
        f"xcsxcu:{_HARDENING.as_uri()}",
        "user:!${$BRAND_BASE_DIR/program/bootstraprc:UserInstallation}/user/registrymodifications.xcu",
    )
)
"""As LibreOffice's fundamentalrc, with the hardened settings above its own, and without extensions."""
_START_SECONDS = 60
_START_AGAIN = 81
"""What soffice.bin exits with when it has set a new profile up (EXITHELPER_NORMAL_RESTART)."""
_BUILD = re.compile(r"^buildid=(.+)$", re.MULTILINE)
_VERSION = re.compile(r"^ProductKey=LibreOffice ([0-9.]+)$", re.MULTILINE)
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{}</oor:items>
"""
_SEEN_VERSION = """<item oor:path="/org.openoffice.Setup/Product">
<prop oor:name="ooSetupLastVersion" oor:op="fuse"><value>{}</value></prop></item>
"""
_LOCALE = """<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{0}</value></prop></item>
<item oor:path="/org.openoffice.Office.Linguistic/General">
<prop oor:name="DefaultLocale" oor:op="fuse"><value>{0}</value></prop></item>
"""
"""Formats that follow the reader's country, the first day of its week and its paper; and its language."""
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
_TABLE_FILTER = "Text - txt - csv (StarCalc)"
_TABLE_OPTIONS = "44,34,76,1," + "/".join(f"{column}/2" for column in range(1, 1025))
"""Commas, double quotes, UTF-8, from the first line, all columns text: a telephone number keeps its zero."""
_EXPORT_OPTIONS = ("ExportNotes=false", "UseTaggedPDF=true")
"""Any option turns comments on and tagging off, so both are always said (LibreOffice 25.2)."""
_SHEETS = re.compile("calc|excel|spreadsheet|numbers", re.IGNORECASE)
"""In the names of filters that read spreadsheets."""
_DISPATCHER = "com.sun.star.frame.DispatchHelper"
_SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"
_LARGEST_FILE = 1024 * 1024 * 1024
"""Bytes that any file written by the office may have: a bomb must not fill the memory that /tmp is."""
_PROCESSES = 256
_CAPABILITY_VERSION = 0x20080522  # linux/capability.h
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class HardenedDesktop:
    """Loads every document hidden, without macros, and without updating links; CSV columns stay text.

    A visible document may reload itself as another one (a page refresh in HTML), and show a local file.
    """

    def __init__(self, desktop: Any, services: Any, context: Any) -> None:
        self._desktop = desktop
        self._services = services
        self._context = context
        self._dispatcher = services.createInstanceWithContext(_DISPATCHER, context)
        self.notices: dict[str, int] = {}
        """Notices about the last document: what the PDF does not show as it is."""
        self.marks_missing_pictures = False
        """Whether the next document gets frames for missing pictures; to look costs 0.4 s in a long deck."""

    def loadComponentFromURL(self, url: str, target: str, flags: int, props: tuple[Any, ...]) -> Any:  # noqa: N802 - UNO's name
        """See com.sun.star.frame.XComponentLoader."""
        more: dict[str, Any] = {"Hidden": True, "MacroExecutionMode": 0, "UpdateDocMode": 0}
        is_table = any(prop.Name == "FilterName" and prop.Value == _TABLE_FILTER for prop in props)
        if is_table:
            more["FilterOptions"] = _TABLE_OPTIONS
        if any(prop.Name == "FilterName" and _SHEETS.search(prop.Value) for prop in props):
            props = tuple(
                prop for prop in props if prop.Name != "ReadOnly"
            )  # or rows and columns stay as they are
        props += tuple(PropertyValue(Name=name, Value=value) for name, value in more.items())
        self.notices = {}
        document = self._desktop.loadComponentFromURL(url, target, flags, props)
        if document is not None and document.supportsService(_SPREADSHEET):
            with contextlib.suppress(UnoException):  # without the layout the document is still shown
                self.notices = lay_out(document, PurePosixPath(url).stem, self._dispatcher)
        elif document is not None:
            with contextlib.suppress(UnoException, AttributeError):  # a note tells of them anyway
                if self.marks_missing_pictures:
                    mark_missing_pictures(document, self._services, self._context)
            with contextlib.suppress(UnoException):
                self.notices = give_texts_room(document)
        return document


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def limit(memory_mb: int, uid: int) -> None:
    """Bound this process and all it starts: memory, file size, processes, no core dumps.

    What it writes to (RLIMIT_DATA) is bounded by the figure. Its address space is bounded by twice as much:
    it holds the programs' own code too, and room that is set aside but never used.
    """
    memory = memory_mb * 1024 * 1024
    bounds = {
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_AS: 2 * memory,
        resource.RLIMIT_FSIZE: _LARGEST_FILE,
        resource.RLIMIT_CORE: 0,
    }
    if uid:
        bounds[resource.RLIMIT_NPROC] = _PROCESSES  # of this user, who has no others
    for bound, figure in bounds.items():
        resource.setrlimit(bound, (figure, figure))
    Path("/proc/self/oom_score_adj").write_text("1000")  # short of memory, the machine ends this one first


def drop_privileges(uid: int) -> None:
    """Become another user for good, where one is given, without capabilities; gain none by any program.

    Raises:
        OSError: not everything could be given up.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        header, none = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
        if libc.capset(header, none) != 0:
            raise OSError(ctypes.get_errno(), "capset")


def make_profile(profile: Path, locale: str) -> None:
    """A fresh profile for the readers of a country, that says which LibreOffice used it last: this one.

    In one that says nothing LibreOffice sets extensions up, must start again, and then tests its graphics.
    25.2.3 listened after 0.2 s instead of 2.1 s. Where it says something wrong, all that happens as before.
    """
    user = profile / "user"
    (user / "extensions").mkdir(parents=True)
    build = _BUILD.search((_PROGRAM / "versionrc").read_text())
    version = _VERSION.search((_PROGRAM / "bootstraprc").read_text())
    items = _LOCALE.format(locale)
    if build and version:
        (user / "extensions/buildid").write_text(build[1])
        items += _SEEN_VERSION.format(version[1])
    (user / "registrymodifications.xcu").write_text(_PROFILE.format(items))


def start_office(folder: Path, uno_port: int) -> subprocess.Popen[bytes]:
    """LibreOffice, with a profile of its own, listening for the converter once it is up."""
    command = [
        SOFFICE,
        "--headless",
        "--invisible",
        "--nocrashreport",
        "--nodefault",
        "--nologo",
        "--nofirststartwizard",
        "--norestore",
        f"-env:CONFIGURATION_LAYERS={_SETTINGS_LAYERS}",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
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


def start(folder: Path, uno_port: int) -> tuple[UnoConverter, int]:
    """The converter, once an office answers it, and that office's process id.

    Raises:
        RuntimeError: it ended, or does not answer in time.
    """
    office = start_office(folder, uno_port)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if office.poll() == _START_AGAIN:
            office = start_office(folder, uno_port)
        elif office.poll() is not None:
            break
        try:
            converter = UnoConverter("127.0.0.1", str(uno_port), temp_dir=str(folder))
        except NoConnectException:
            time.sleep(0.05)
            continue
        converter.desktop = HardenedDesktop(converter.desktop, converter.service, converter.context)
        threading.Thread(target=end_with, args=(office,), daemon=True).start()
        return converter, office.pid
    raise RuntimeError(f"LibreOffice did not start, exit status {office.poll()}")


def end_with(office: subprocess.Popen[bytes]) -> None:
    """End this process when the office ends: the guard sees the socket close, before it sends a document."""
    office.wait()
    os._exit(1)


def resident_mb(pid: int) -> int:
    """The memory that a process has in use."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * _PAGE_BYTES // 1024**2


def serve(channel: BufferedRWPair, converter: UnoConverter, office: int, formats: LocaleFormats) -> None:
    """Answer jobs until the guard closes the socket.

    A job is a line of JSON (`size` in bytes, `import_filter`, `last_page`, `is_proof`: whether the locale is
    looked at too, `has_linked_pictures`: see `missing_pictures`) and the document; an answer is a
    line of JSON (`resident_mb`, and `size`, or `error`, the kind of exception) and the PDF.
    """
    while line := channel.readline():
        job = json.loads(line)
        document = channel.read(job["size"])
        answer: dict[str, Any]
        try:
            if job["is_proof"]:
                formats.require()
            converter.desktop.marks_missing_pictures = job["has_linked_pictures"]
            pdf = converter.convert(
                indata=formats.with_local_formats(document, job["import_filter"]),
                convert_to="pdf",
                filter_options=[*_EXPORT_OPTIONS, f"PageRange=1-{job['last_page']}"],
                update_index=False,
                infiltername=job["import_filter"],
            )
            answer = {"size": len(pdf), "notices": converter.desktop.notices}
        except Exception as error:  # noqa: BLE001 - whatever it is, the guard decides what it means
            pdf, answer = b"", {"error": type(error).__name__}
        answer["resident_mb"] = resident_mb(office)
        channel.write(json.dumps(answer).encode() + b"\n" + pdf)
        channel.flush()


def main() -> None:
    """Give up what is not needed, start the office, then serve the guard."""
    socket_fd, uno_port, memory_mb, uid = (int(sys.argv[at]) for at in (1, 2, 4, 5))
    folder = Path(sys.argv[3])
    limit(memory_mb, uid)
    drop_privileges(uid)
    die_with_parent()  # the kernel forgets it when the user changes
    os.umask(0o077)
    locale = sys.argv[6]
    make_profile(folder / "profile", locale)
    logging.getLogger("unoserver").addHandler(logging.NullHandler())  # the guard alone writes the log
    converter, office = start(folder, uno_port)
    with socket.socket(fileno=socket_fd) as guard, guard.makefile("rwb") as channel:
        serve(channel, converter, office, LocaleFormats(converter.context, locale))


if __name__ == "__main__":
    main()
