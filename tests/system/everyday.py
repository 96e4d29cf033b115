"""Small documents of the kinds that people open every day, each another one, so that no store has it."""

import io
import uuid
import zipfile
from collections.abc import Callable

import docx
from PIL import Image
from PIL.PngImagePlugin import PngInfo

_FONT = b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"


def text() -> bytes:
    return f"A note of a visit, {uuid.uuid4()}.\n".encode() * 20


def picture() -> bytes:
    about, out = PngInfo(), io.BytesIO()
    about.add_text("id", str(uuid.uuid4()))
    Image.new("RGB", (300, 200), "white").save(out, "PNG", pnginfo=about)
    return out.getvalue()


def pdf(padding: int = 0) -> bytes:
    """A page with a line of text.

    Args:
        padding: bytes of a comment that make it longer.
    """
    words = f"BT /F 12 Tf 40 90 Td (Visit {uuid.uuid4()}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Contents 4 0 R/Resources" + _FONT + b">>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(words), words),
    ]
    out, places = bytearray(b"%PDF-1.7\n"), list[int]()
    if padding:
        out += b"%" + b"x" * padding + b"\n"
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def mail() -> bytes:
    return (
        f"From: Ana <a@school.test>\r\nTo: b@council.test\r\nSubject: Visit {uuid.uuid4()}\r\n"
        "Date: Wed, 4 Mar 2026 14:05:00 +0000\r\nContent-Type: text/html\r\n\r\n<p>All were well.</p>"
    ).encode()


def _template() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("PLACE")
    document.save(out)
    return out.getvalue()


_TEMPLATE = _template()


def office() -> bytes:
    out = io.BytesIO()
    template = zipfile.ZipFile(io.BytesIO(_TEMPLATE))
    with template as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"PLACE", f"A visit, {uuid.uuid4()}".encode()))
    return out.getvalue()


MAKERS: dict[str, Callable[[], bytes]] = {
    "text": text,
    "picture": picture,
    "pdf": pdf,
    "mail": mail,
    "office": office,
}
PRINTED = frozenset({"mail", "office"})
"""Those for which an office is needed."""
