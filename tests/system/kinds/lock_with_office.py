"""Has LibreOffice save a document behind a password, which its command line cannot.

`/usr/bin/python3 lock_with_office.py SOURCE TARGET FILTER`
"""

import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

PASSWORD = "secret"
_START_SECONDS, _PAUSE_SECONDS, _STOP_SECONDS = 60, 0.1, 30


def main(source: str, target: str, filter_name: str) -> None:
    pipe = f"pipe,name={uuid.uuid4().hex};urp"
    with tempfile.TemporaryDirectory(prefix="locking-") as folder:
        profile = f"-env:UserInstallation=file://{folder}"
        office = subprocess.Popen(
            ["soffice", "--headless", "--norestore", "--invisible", profile, f"--accept={pipe}"]
        )
        try:
            desktop = _desktop(f"uno:{pipe};StarOffice.ComponentContext")
            document = desktop.loadComponentFromURL(Path(source).as_uri(), "_blank", 0, _values(Hidden=True))
            document.storeToURL(Path(target).as_uri(), _values(FilterName=filter_name, Password=PASSWORD))
            desktop.terminate()
        finally:
            try:
                office.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                office.kill()


def _desktop(address: str) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            context = resolver.resolve(address)
        except NoConnectException:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)


def _values(**values: object) -> tuple[Any, ...]:
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


if __name__ == "__main__":
    main(*sys.argv[1:])
