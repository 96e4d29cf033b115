"""Old binary office files with what a test needs in them and no more, and objects as Windows embeds them.

Layouts: see `viewer/formats/office/word_97.py`, `biff.py`, `powerpoint_97.py` and `objects.py`.
"""

import struct
import zlib

from demo.compound import Path, compound

INSERTED, DELETED, HIDDEN = 0x0801, 0x0800, 0x083C
_PAGE = 512


def word(
    runs: list[tuple[int, ...]], comments: int = 0, text: bytes = b"", more: dict[Path, bytes] | None = None
) -> bytes:
    """A Word 97 document whose runs have these properties switched on.

    It has no text that LibreOffice could show.

    Args:
        runs: property numbers, run by run.
        comments: how many.
        text: put into the main stream as it is.
        more: further streams.
    """
    page = bytearray(_PAGE)
    page[-1] = len(runs)
    offsets_at, at = 4 * (len(runs) + 1), _PAGE - 1
    for number, properties in enumerate(runs):
        body = b"".join(struct.pack("<HB", one, 1) for one in properties)
        if body:
            at = (at - len(body) - 1) // 2 * 2
            page[at : at + 1 + len(body)] = bytes([len(body)]) + body
            page[offsets_at + number] = at // 2
    head = bytearray(2 * _PAGE)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", head, 10, 0x0200)
    struct.pack_into("<I", head, 0xBE, 4 + 34 * comments if comments else 0)
    struct.pack_into("<II", head, 0xFA, 0, 12)
    table = struct.pack("<III", 0, 1, 2)
    streams: dict[Path, bytes] = {("WordDocument",): bytes(head) + page + text, ("1Table",): table}
    return compound({**streams, **(more or {})})


def excel(
    *, rows: int = 0, columns: int = 0, comments: int = 0, more: dict[Path, bytes] | None = None
) -> bytes:
    """An Excel 97 workbook of one sheet that hides so much, and has one more of each."""

    def record(number: int, body: bytes) -> bytes:
        return struct.pack("<HH", number, len(body)) + body

    def row(number: int, flags: int) -> bytes:
        return record(0x0208, struct.pack("<HHHHHHI", number, 0, 1, 255, 0, 0, flags))

    book = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + record(0x000A, b"")
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += b"".join(
        record(0x007D, struct.pack("<HHHHHH", n, n, 2000, 0, n < columns, 0)) for n in range(columns + 1)
    )
    sheet += b"".join(row(n, 0x20 if n < rows else 0) for n in range(rows + 1))
    sheet += b"".join(record(0x001C, struct.pack("<HHHHH", n, 0, 0, n, 0)) for n in range(comments))
    return compound({("Workbook",): book + sheet + record(0x000A, b""), **(more or {})})


def powerpoint(
    *, hidden: int = 0, noted: int = 0, objects: list[bytes] | None = None, old_hidden: int = 0
) -> bytes:
    """A PowerPoint 97 presentation, saved twice.

    Args:
        hidden: slides that are hidden; one more is not.
        noted: slides with notes; one more has notes without a word.
        objects: OLE files, packed and plain by turns.
        old_hidden: slides that were hidden before the last edit, and then deleted.
    """
    stream = bytearray()
    places: list[int] = []

    def record(kind: int, body: bytes, instance: int = 0, *, container: bool = False) -> bytes:
        return struct.pack("<HHI", instance << 4 | (15 if container else 0), kind, len(body)) + body

    def put(body: bytes) -> None:
        places.append(len(stream))
        stream.extend(body)

    def slide(flags: int) -> bytes:
        return record(0x03EE, record(0x03F9, struct.pack("<iIBBHB3x", 0, 0, 0, 0, flags, 0)), container=True)

    def notes(slide_id: int, text: str) -> bytes:
        said = record(0x0FA0, text.encode("utf-16-le"))
        return record(
            0x03F0,
            record(0x03F1, struct.pack("<II", slide_id, 0)) + record(0x040C, said, container=True),
            container=True,
        )

    def edit(numbers: list[int], before: int) -> int:
        directory = len(stream)
        stream.extend(
            record(
                0x1772, struct.pack("<I", 1 | len(numbers) << 20) + struct.pack(f"<{len(numbers)}I", *numbers)
            )
        )
        at = len(stream)
        stream.extend(record(0x0FF5, struct.pack("<IHBBIIIIHH", 0, 0, 0, 3, before, directory, 1, 99, 0, 0)))
        return at

    for _ in range(old_hidden):
        put(slide(4))
    first = edit(places, 0)
    places = []
    for number in range(hidden + 1):
        put(slide(4 if number < hidden else 0))
    put(notes(0, "Click to edit the notes"))
    for number in range(noted + 1):
        put(notes(256 + number, "Say this slowly." if number < noted else "*"))
    for number, body in enumerate(objects or []):
        packed = struct.pack("<I", len(body)) + zlib.compress(body)
        put(record(0x1011, body if number % 2 else packed, 0 if number % 2 else 1))
    last = edit(places, first)
    user = struct.pack("<HHIIII", 0, 0x0FF6, 20, 0x14, 0xE391C05F, last) + bytes(8)
    return compound({("PowerPoint Document",): bytes(stream), ("Current User",): user})


def packed_file(name: str, body: bytes, wide_name: str = "") -> bytes:
    """A file as Windows' packager keeps it in the stream `Ole10Native`, behind the stream's length."""
    path = f"C:\\{name}".encode("cp1252") + b"\0"
    wide = b""
    for text in (f"C:\\{wide_name}", wide_name, wide_name) if wide_name else ():
        wide += struct.pack("<I", len(text)) + text.encode("utf-16-le")
    return (
        b"\x02\x00" + name.encode("cp1252") + b"\0" + path + struct.pack("<HHI", 0, 3, len(path)) + path
        + struct.pack("<I", len(body)) + body + wide
    )  # fmt: skip


def native(body: bytes) -> dict[Path, bytes]:
    """The stream that holds what an object's program left."""
    return {("\x01Ole10Native",): struct.pack("<I", len(body)) + body}


def within(folder: Path, streams: dict[Path, bytes]) -> dict[Path, bytes]:
    """The streams in a storage."""
    return {folder + path: body for path, body in streams.items()}


def rich_text_object(program: str, data: bytes) -> bytes:
    """An object in an RTF file."""
    name = program.encode() + b"\0"
    body = struct.pack("<III", 0x0501, 2, len(name)) + name + struct.pack("<III", 0, 0, len(data)) + data
    return (
        b"{\\object\\objemb{\\*\\objclass "
        + program.encode()
        + b"}{\\*\\objdata "
        + body.hex().encode()
        + b"}}"
    )
