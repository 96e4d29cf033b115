"""Files without a name, in which document bytes travel: nothing else on the machine can open them."""

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
    """A file that is gone when it is closed, in memory while it is small."""
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))


def memory_file(name: str) -> BinaryIO:
    """A file in memory, which can be handed to another process and sealed.

    Args:
        name: for whoever looks at this process's open files.
    """
    number = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    return open(number, "w+b")  # noqa: PTH123 - it has no path; the caller closes it


def seal(file: BinaryIO) -> None:
    """Make sure that nobody changes a `memory_file` any more, whoever may still hold it; rewind it.

    Raises:
        OSError: somebody has it mapped for writing.
    """
    file.flush()
    fcntl.fcntl(file.fileno(), fcntl.F_ADD_SEALS, _SEALS)
    file.seek(0)


def read_only(file: BinaryIO) -> BinaryIO:
    """The same bytes as a file that cannot be written, with a position and a lifetime of its own.

    Args:
        file: any seekable file; rewound afterwards.

    Raises:
        OSError: there is no room for it.
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
