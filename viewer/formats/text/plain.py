"""Data for the page, in lines that people can read."""

import re

MAX_TEXT = 10 * 1024 * 1024
"""Bytes of plain text; more than a phone's browser lays out in reasonable time."""
_LONG_LINE = 500
"""Characters; longer ones were written for machines."""
_MAX_INDENTED = 2 * 1024 * 1024
_DEEPEST = 40
"""Levels that are indented; deeper ones stand below one another."""
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]+')


def data(text: str) -> str:
    """JSON as it is written; where that is one long line, a line an entry. No figure, no key is touched."""
    long = max(map(len, text.splitlines()), default=0) > _LONG_LINE
    return break_into_lines(text) if long and len(text) <= _MAX_INDENTED else text


def break_into_lines(json: str) -> str:
    """The same JSON with line breaks and indentation between its entries, and nothing else changed."""
    lines: list[str] = []
    line = [""]
    depth = 0

    def end_line(*start: str) -> None:
        lines.append("".join(line))
        line[:] = [_indent(depth), *start]

    for match in _TOKEN.finditer(json):
        piece = match[0]
        if piece in "}]":
            depth = max(depth - 1, 0)
            end_line(piece)
        elif piece in "{[":
            depth += 1
            line.append(piece)
            end_line()
        elif piece == ",":
            line.append(piece)
            end_line()
        else:
            line.append(": " if piece == ":" else piece)
    end_line()
    return "\n".join(line for line in lines if line.strip())


def _indent(depth: int) -> str:
    return "  " * min(depth, _DEEPEST)
