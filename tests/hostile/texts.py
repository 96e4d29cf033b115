"""Plain text, data and tables."""

from tests.hostile.cases import KB, MB, filled, worst


@worst("csv")
def table_of_commas() -> bytes:
    """One row of fifty million cells."""
    return b"a,b\n" * 30 + b"," * (49 * MB)


@worst("csv")
def table_of_open_quotes() -> bytes:
    """A cell that never ends."""
    return b"a,b\n" * 30 + b'"' + b"a" * (49 * MB)


@worst("csv")
def table_of_empty_rows() -> bytes:
    """Fifty million rows of nothing."""
    return b"a,b\n" * 30 + b"\n" * (49 * MB)


@worst("json")
def data_of_brackets() -> bytes:
    """Two megabytes of brackets in one another, on one line."""
    return b"[" * (2 * MB - KB)


@worst("json")
def data_of_quotes() -> bytes:
    """Words that never end, on one line."""
    return b'{"a": ' + filled(b'"\\', 2 * MB - KB)


@worst("txt")
def text_in_no_encoding() -> bytes:
    """Bytes beyond ASCII that fit many encodings a little."""
    return bytes(0xA1 + (number * number + number // 7) % 94 for number in range(256 * KB)) * 39


@worst("txt")
def text_of_line_ends() -> bytes:
    """Ten megabytes of line ends."""
    return b"a\n" + b"\n" * (10 * MB - KB)


@worst("txt")
def head_of_nearly_headers() -> bytes:
    """A beginning of continued header lines."""
    return b"From: a@b.test\n" + b" c\n" * (20 * KB) + b"x" * MB


@worst("txt")
def head_of_braces() -> bytes:
    """What libmagic tries to read as JSON, deeper and deeper."""
    return filled(b'{"a":[', 64 * KB) + b"\n"
