"""Texts, data and tables, in whatever encoding."""

import json

from tests.system.kinds.row import TEXT, Check, Row, made, table, text
from tests.viewer import samples

_LINES = f"{TEXT}\r\nSeen at home, all is well.\r\n"
_LOG = f"2026-03-23 14:05:01 INFO telephone call\n2026-03-23 14:06:11 WARN {TEXT}\n"
_XML = f'<?xml version="1.0" encoding="{{}}"?><record><entry>{TEXT}</entry></record>'
_ROWS = [["Name", "Visit", "Note"], *(["A. Person", f"2026-01-{day:02}", "seen"] for day in range(1, 9))]
_COSTS = [["Name", "Cost"], ["Ana Müller", "£12,50"], ["Rowan", "£9,00"], ["Ash", "£1,00"]]
_SEMICOLONS = "\n".join(";".join(row) for row in _COSTS)
_KEYS = json.dumps({"entry": TEXT, "cost": 12.50}, ensure_ascii=False)


def _one_long_line() -> bytes:
    return json.dumps([{"entry": TEXT}] * 50, ensure_ascii=False).encode()


def _whole(words: str) -> Check:
    return text(words.strip())


TEXTS = [
    Row("txt", made(_LINES.encode()), _whole(_LINES), "utf-8"),
    Row("txt", made(_LINES.encode("utf-8-sig")), _whole(_LINES), "utf-8-marked"),
    Row("txt", made(_LINES.encode("utf-16")), _whole(_LINES), "utf-16"),
    Row("txt", made(b"\xfe\xff" + _LINES.encode("utf-16-be")), _whole(_LINES), "utf-16-big-end-first"),
    Row("txt", made(_LINES.encode("cp1252")), _whole(_LINES), "cp1252"),
    Row("txt", made(_LOG.encode()), _whole(_LOG), "log"),
    Row("txt", made(f"# Notes\n\n* {TEXT}\n".encode()), text(f"* {TEXT}"), "md"),
    Row("xml", made(_XML.format("UTF-8").encode()), text()),
    Row("xml", made(_XML.format("UTF-8").encode("cp1252")), text(), "wrongly-declared"),
    Row("json", made(_KEYS.encode()), text(_KEYS)),
    Row("json", made(_one_long_line()), text(f'"entry": "{TEXT}"'), "one-line"),
    Row("csv", made(samples.table(",").encode()), table(_ROWS), "comma"),
    Row("csv", made(samples.table(";").encode()), table(_ROWS), "semicolon"),
    Row("csv", made(samples.table("\t").encode()), table(_ROWS), "tab"),
    Row("csv", made(_SEMICOLONS.encode("cp1252")), table(_COSTS), "cp1252"),
    Row("csv", made(_SEMICOLONS.encode("utf-16")), table(_COSTS), "utf-16"),
]
