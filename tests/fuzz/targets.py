"""What is fuzzed: each takes any bytes, and may raise nothing but a typed refusal.

The sandbox's three functions are targets, reading once for each family of kinds, so that each starts from
whole files of its own; and so are the readers inside that hostile bytes reach only by a long way.
"""

import gzip
import io
import struct
import tarfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import compressed_rtf

from demo.outlook import Attached, OutlookMessage, msg
from demo.pictures import house
from demo.writing import GENOGRAM
from tests.fuzz import inner
from tests.hostile.mails import tnef
from tests.viewer import samples
from viewer import formats
from viewer.documents import Printing
from viewer.errors import Problem
from viewer.formats import mime, zip_repair
from viewer.formats.html import markup
from viewer.formats.mail import addresses, rtf
from viewer.formats.mail.eml import read_eml
from viewer.formats.mail.tnef import read_tnef

FOUND = Path(__file__).parent / "found"
"""Inputs that once raised something else, or took too long or too much: a folder a target."""
_MADE = Path(__file__).parents[2] / "demo/made"
_MB = 1024 * 1024
_LIMITS = inner.LIMITS
_PRINTING = Printing(("writer8",), is_long=False, cut_after=1000, fonts=("Aptos",))

Target = Callable[[bytes], object]


def _read(body: bytes) -> object:
    return formats.read(io.BytesIO(body), _LIMITS)


def _extract(body: bytes) -> object:
    return formats.extract(io.BytesIO(body), (1,), _LIMITS, inner.Nowhere())


def _extract_twice(body: bytes) -> object:
    return formats.extract(io.BytesIO(body), (1, 1), _LIMITS, inner.Nowhere())


def _inspect(body: bytes) -> object:
    return formats.inspect_printed(io.BytesIO(body), _PRINTING)


def _parts(body: bytes) -> object:
    return [(part.media_type, part.untrusted_name, part.text()) for part in mime.parse_message(body).parts]


def _unpacked(body: bytes) -> object:
    return rtf.deencapsulate(rtf.decompress(body))


def _page(body: bytes) -> object:
    return markup.fragment(body.decode(errors="replace"), {"a": body[:1000]})


def _addresses(body: bytes) -> object:
    return addresses.split_addresses(body.decode("latin-1"))


def _saved(form: str) -> bytes:
    out = io.BytesIO()
    house(24, 24).save(out, form)
    return out.getvalue()


_SENT = datetime(2026, 3, 4, 14, 5, tzinfo=UTC)
_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag <p>}caf\'e9\u8364?{\*\htmltag </p>}\htmlrtf x\htmlrtf0 }"
)
_HTML = (
    b'<html><head><title>A page</title><meta charset="utf-8"></head><body>'
    b'<p class="MsoNormal" style="color:red">'
    b'Hi <img src="cid:a" width="3"><a href="https://a.test/">link</a></p>'
    b"<table><tr><td>1</td></tr></table></body>"
)
_EML = (
    b'From: =?utf-8?q?M=C3=BCller?=, Ana <a@b.test>\r\nTo: "Bo, B" <b@b.test>; c@d.test\r\n'
    b"Date: Wed, 4 Mar 2026 16:05:00 +0200\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    + _HTML
    + b'\r\n--b\r\nContent-Type: image/gif; name*0="a"; name*1="b"\r\nContent-ID: <a>\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nR0lGODlhAQABAAAAACwAAAAAAQABAAA=\r\n--b--\r\n"
)
_MHT = (
    b'From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/html\r\nContent-Location: http://a.test/x.html\r\n\r\n"
    + _HTML
    + b"\r\n--b--\r\n"
)
_TNEF = tnef(
    [
        (1, 0x00069007, struct.pack("<II", 1252, 0)),
        (1, 0x00069003, struct.pack("<IHHII", 1, 0x1E, 0x37, 1, 4) + b"Hi\0\0"),
        (2, 0x00069002, bytes(14)),
        (2, 0x00018010, b"a.txt\0"),
        (2, 0x0006800F, b"123"),
    ]
)


def _outlook() -> bytes:
    message = OutlookMessage("x", ("A", "a@b.test"), [("B", "b@b.test")], _SENT, rtf=_RTF)
    message.attachments.append(Attached("a.txt", b"123"))
    return msg(message)


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("folder/ü" * 30)
        member.size = 3
        archive.addfile(member, io.BytesIO(b"abc"))
    return out.getvalue()


def _without_its_directory(body: bytes) -> bytes:
    return body[: body.rindex(b"PK\x05\x06")]


_OFFICE = [
    *(samples.word(), samples.excel(), samples.slides(), samples.open_document(), samples.locked_word()),
    *(samples.excel_binary(), samples.excel_2003(), b"{\\rtf1 a}", samples.drawing()),
]
_PDF = [samples.pdf(), samples.pdf(pages=3), samples.locked_pdf("")]
_ZIP = samples.zipped({"a.txt": b"123", "b/c.zip": samples.zipped({"d.txt": "4"})})
_PICTURES = ("png", "jpg", "gif", "webp", "bmp", "ico", "jp2", "avif", "tif")
_FORMS = {"tif": "TIFF", "jpg": "JPEG", "jp2": "JPEG2000"}

SEEDS: Mapping[str, list[bytes]] = {
    "office": _OFFICE,
    "pdf": _PDF,
    "svg": [GENOGRAM.encode()],
    "csv": [samples.table(",").encode(), samples.table(";").encode("utf-16")],
    "json": [b'{"a": [1, {"b": "c"}]}' * 40],
    "txt": ["Zoë £5".encode("cp1252"), "Zoë".encode("utf-16"), b"<?xml version='1.0'?><a/>"],
    "eml": [_EML],
    "msg": [_outlook()],
    "tnef": [_TNEF],
    "html": [_HTML, _MHT],
    "archives": [_ZIP, _tar(), gzip.compress(b"123", mtime=0)],
    "heic": [(_MADE / "phone.heic").read_bytes()],
    "psd": [samples.photoshop()],
    "recordings": [samples.sound()],
    "ics": inner.CALENDARS,
    "vcf": inner.CONTACTS,
    "mbox": [inner.MAILBOX],
    "p7m": [inner.SIGNED],
    "uuencoded-mail": [inner.UUENCODED],
    "rtf": [inner.RICH_TEXT],
    "old-office": inner.OLD_OFFICE,
    **{name: [_saved(_FORMS.get(name, name.upper()))] for name in _PICTURES},
}
"""Whole files to start from: by the family that is read."""

TARGETS: dict[str, Target] = {
    **dict.fromkeys(SEEDS, _read),
    "extract": _extract,
    "extract-twice": _extract_twice,
    "inspect-printed": _inspect,
    "mime": _parts,
    "message": read_eml,
    "winmail": read_tnef,
    "rich-text": _unpacked,
    "rtf-deencapsulate": rtf.deencapsulate,
    "zip-repair": lambda body: zip_repair.repair(body, 50 * _MB),
    "addresses": _addresses,
    "page": _page,
    "old-objects": inner.read_and_extract,
    **inner.TARGETS,
}

_INSIDE: Mapping[str, list[bytes]] = {
    "extract": [_ZIP, _tar(), gzip.compress(b"123", mtime=0), _EML, _outlook(), _TNEF, *_PDF],
    "extract-twice": [_ZIP, samples.zipped({"a.eml": _EML}), samples.zipped({"a.msg": _outlook()})],
    "inspect-printed": _PDF,
    "mime": [_EML, _MHT],
    "message": [_EML],
    "winmail": [_TNEF],
    "rich-text": [compressed_rtf.compress(_RTF), compressed_rtf.compress(_RTF, compressed=False)],
    "rtf-deencapsulate": [_RTF],
    "zip-repair": [_without_its_directory(samples.word()), b"HTTP/1.1 200 OK\r\n\r\n" + samples.word()],
    "addresses": [b'"M, A" <a@b.test>, b@c.test; =?utf-8?q?x?= <d@e.test>'],
    "page": [_HTML],
    "old-objects": [*inner.OLD_OFFICE, inner.RICH_TEXT],
    **inner.SEEDS,
}


def tried(name: str, body: bytes) -> None:
    """Give the bytes to the target. A refusal is a good end, and so is a child process's memory limit."""
    try:
        TARGETS[name](body)
    except (Problem, MemoryError, RecursionError):
        return


def seeds(name: str) -> list[bytes]:
    """Whole files of the target's kind, to start from."""
    return SEEDS[name] if name in SEEDS else _INSIDE[name]
