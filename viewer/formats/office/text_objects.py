r"""Objects in office files that are text: RTF, and OpenDocument as one XML file.

Layouts: Rich Text Format Specification 1.9.1 (`\objdata`); Microsoft, [MS-OLEDS] 2.2.4 and 2.2.5 (what is in
one); OpenDocument 1.3, part 3, 10.4.6.
"""

import base64
import re
import struct
from collections.abc import Iterator
from functools import partial

from viewer.formats.copying import copy_bytes
from viewer.formats.document import Document
from viewer.formats.office.candidates import ObjectCandidate, file_in_ole_bytes
from viewer.formats.office.objects import EmbeddedFile, default_name, file_in_native_stream
from viewer.formats.office.package import MAX_BYTES
from viewer.formats.ole import OLE_START

_OBJECT_DATA = re.compile(rb"\\objdata\s?([0-9a-fA-F\s]{16,})")
_BLANKS = b" \t\n\r\v\f"
_EMBEDDED = 2
_OLE_DATA = re.compile(
    rb"<draw:object-ole(?:\s[^<>]*)?>\s*<office:binary-data>([A-Za-z0-9+/=\s]*)</office:binary-data>"
)
_DOCUMENT = re.compile(
    rb"<draw:object(?:\s[^<>]*)?>\s*(<office:document\s[^<>]*"
    rb'office:mimetype="application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation|graphics)")'
)
_DOCUMENT_END = b"</office:document>"
_FLAT = {b"text": ".fodt", b"spreadsheet": ".fods", b"presentation": ".fodp", b"graphics": ".fodg"}


def candidates(document: Document) -> Iterator[ObjectCandidate]:
    """The objects, in their order in the file."""
    kind = document.kind.name
    if kind == "rtf":
        for match in _OBJECT_DATA.finditer(document.rewound().read(document.limits.max_part_bytes)):
            yield ObjectCandidate(len(match[1]) // 2, partial(_of_hexadecimal, match[1]))
    elif kind.startswith("fod"):
        body = document.rewound().read(MAX_BYTES)
        for match in _OLE_DATA.finditer(body):
            yield ObjectCandidate(len(match[1]), partial(_of_base64, match[1]))
        for match in _DOCUMENT.finditer(body):
            end = body.find(_DOCUMENT_END, match.end())
            if end > 0:
                inner = body[match.start(1) : end + len(_DOCUMENT_END)]
                yield ObjectCandidate(len(inner), partial(_of_document, inner, _FLAT[match[2]]))


def _of_hexadecimal(digits: bytes, number: int) -> EmbeddedFile | None:
    digits = digits.translate(None, _BLANKS)
    body = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    (form,) = struct.unpack_from("<4xI", body)
    if form != _EMBEDDED:
        return EmbeddedFile(default_name(number), None, None)
    at = 8
    for _ in range(3):  # its class, and two names that only links use
        (length,) = struct.unpack_from("<I", body, at)
        at += 4 + length
    (size,) = struct.unpack_from("<I", body, at)
    data = body[at + 4 : at + 4 + size]
    return (
        file_in_ole_bytes(data, number) if data.startswith(OLE_START) else file_in_native_stream(data, number)
    )


def _of_base64(text: bytes, number: int) -> EmbeddedFile | None:
    data = base64.b64decode(text)
    return (
        file_in_ole_bytes(data, number) if data.startswith(OLE_START) else file_in_native_stream(data, number)
    )


def _of_document(body: bytes, extension: str, number: int) -> EmbeddedFile | None:
    return EmbeddedFile(default_name(number, extension), len(body), partial(copy_bytes, body))
