"""The same documents in other forms, as LibreOffice writes them, some hundred at a time."""

import subprocess
import tempfile
from pathlib import Path

_SECONDS = 600
FORMS = {
    ".docx": ("doc", "rtf", "odt", "fodt", "ott", "dot", "dotx", "docm"),
    ".xlsx": ("xls", "ods", "fods", "ots", "xltx", "xlsm"),
    ".pptx": ("ppt", "odp", "fodp", "otp", "pps", "potx"),
    ".fodg": ("odg", "otg", "wmf", "emf"),
}
"""What each modern form is written as."""
_FILTERS = {
    "dot": "dot:MS Word 97 Vorlage",
    "docm": "docm:MS Word 2007 XML VBA",
    "xlsm": "xlsm:Calc MS Excel 2007 VBA XML",
}


def convert_all(sources: list[Path], form: str, into: Path) -> list[Path]:
    """Have LibreOffice write the files in another form; gives what it wrote.

    Raises:
        RuntimeError: it wrote nothing.
    """
    with tempfile.TemporaryDirectory(prefix="corpus-office-") as profile:
        command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{profile}"]
        command += ["--convert-to", _FILTERS.get(form, form), "--outdir", str(into), *map(str, sources)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    made = [into / f"{source.stem}.{form}" for source in sources]
    there = [path for path in made if path.is_file()]
    if not there:
        raise RuntimeError(f"LibreOffice made no {form}: {done.stdout}{done.stderr}")
    return there
