"""Anonymous files for document bytes, which other processes on the machine cannot open."""

import fcntl
import os
import shutil
import tempfile
from typing import BinaryIO, cast

IN_MEMORY = 4 * 1024 * 1024
"""Documents up to this size, in bytes, are never written to the temporary folder."""
_CHUNK = 1024 * 1024
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


def temporary_file() -> BinaryIO:
    """A file that is deleted when it is closed, and kept in memory while it is small."""
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))


def memory_file(name: str) -> BinaryIO:
    """An anonymous file in memory (memfd), which can be passed to another process and sealed.

    Args:
        name: the name that tools show among this process's open files.
    """
    number = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    return open(number, "w+b")  # noqa: PTH123 - it has no path; the caller closes it


def seal(file: BinaryIO) -> None:
    """Make a `memory_file` read-only for every process that holds it, and rewind it.

    Raises:
        OSError: a process has it mapped for writing.
    """
    file.flush()
    fcntl.fcntl(file.fileno(), fcntl.F_ADD_SEALS, _SEALS)
    file.seek(0)


def read_only(file: BinaryIO) -> BinaryIO:
    """A read-only file with the same bytes, with its own position and lifetime.

    Args:
        file: any seekable file; it is rewound.

    Raises:
        OSError: the memory is full.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size > IN_MEMORY:
        number = os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
        return open(number, "rb")  # noqa: PTH123 - it has no path; the caller closes it
    copy = memory_file("document")
    try:
        shutil.copyfileobj(file, copy, _CHUNK)
        seal(copy)
    except BaseException:
        copy.close()
        raise
    file.seek(0)
    return copy
