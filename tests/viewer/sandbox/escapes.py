"""What code might do in the sandbox once it is broken into, as tasks of a fork server."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from viewer.errors import PasswordProtected

Arguments = dict[str, Any]

HEAD, LINE = 4, 6
"""Numbers of a child's files: the result's head, and the socket to the fork server."""


def echo(document: BinaryIO, _arguments: Arguments, body: BinaryIO) -> Arguments:
    body.write(document.read())
    return {}


def environment(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    return dict(os.environ)


def files(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    return {"open": [number for number in range(4096) if _is_open(number)]}


def read(_document: BinaryIO, arguments: Arguments, _body: BinaryIO) -> Arguments:
    return {"read": Path(arguments["path"]).read_text()}


def write(_document: BinaryIO, arguments: Arguments, _body: BinaryIO) -> Arguments:
    return {"written": Path(arguments["path"]).write_text("mine")}


def overwrite(document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    return {"written": os.pwrite(document.fileno(), b"another", 0)}


def keep_open(_document: BinaryIO, arguments: Arguments, body: BinaryIO) -> Arguments:
    """Leave a process behind that goes on writing into the result."""
    body.write(b"as it was")
    body.flush()
    if os.fork() == 0:
        os.setsid()
        while True:
            os.pwrite(body.fileno(), arguments["text"].encode(), 0)
    return {}


def connect(_document: BinaryIO, arguments: Arguments, _body: BinaryIO) -> Arguments:
    with socket.create_connection(("127.0.0.1", arguments["port"]), 5):
        return {"connected": True}


def kill(_document: BinaryIO, arguments: Arguments, _body: BinaryIO) -> Arguments:
    os.kill(arguments["pid"], signal.SIGKILL)
    return {}


def loop(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    while True:
        pass


def sleep(_document: BinaryIO, arguments: Arguments, _body: BinaryIO) -> Arguments:
    time.sleep(arguments.get("seconds", 600))
    return {}


def bomb(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    return {"length": len(bytearray(4 << 30))}


def starve(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def crash(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    os.abort()


def fork_and_leave(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    child = os.fork()
    if child == 0:
        signal.pause()
    return {"pid": child}


def say_nonsense(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    """Write something else than an exit code on the line to the fork server."""
    os.write(LINE, b"alive")
    return {}


def linger(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    """Say that the result is complete, and go on."""
    os.write(HEAD, json.dumps({"pid": os.getpid()}).encode())
    os.write(LINE, b"0")
    while True:
        pass


def recurse(document: BinaryIO, arguments: Arguments, body: BinaryIO) -> Arguments:
    sys.setrecursionlimit(1000)
    return recurse(document, arguments, body)


def wrong(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    raise LookupError


def locked(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    raise PasswordProtected


def much(_document: BinaryIO, _arguments: Arguments, body: BinaryIO) -> Arguments:
    body.writelines(bytes(1 << 20) for _ in range(300))
    return {}


def endless_head(_document: BinaryIO, _arguments: Arguments, _body: BinaryIO) -> Arguments:
    return {"text": "x" * (20 << 20)}


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


TASKS = {
    task.__name__: task
    for task in (
        *(echo, environment, files, read, write, overwrite, keep_open, connect, kill, loop, sleep, bomb),
        *(starve, crash, fork_and_leave, say_nonsense, linger, recurse, wrong, locked, much, endless_head),
    )
}
ABOUT = {"recipe": "escapes"}
