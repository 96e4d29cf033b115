"""What cannot be shown, and why: locked, empty, cut short, something else than its name says, no document."""

import io
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

from msoffcrypto.format.ooxml import OOXMLFile

from tests.system.kinds.letters import outlook_with_files
from tests.system.kinds.office import EXCEL, SLIDES, WORD, converted
from tests.system.kinds.pictures import saved, scanned
from tests.system.kinds.row import TEXT, Maker, made
from tests.viewer import samples

_LOCKED, _EMPTY, _CORRUPT, _UNSUPPORTED = "password_protected", "empty", "corrupt", "unsupported_type"
_LOCKING = Path(__file__).with_name("lock_with_office.py")
_LOCKING_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Refused:
    """One reason.

    Args:
        name: of the row.
        code: of the reason.
        make: the sample.
        called: what its name ends in.
        part: which part of it is asked for; empty for the whole.
    """

    name: str
    code: str
    make: Maker
    called: str = "bin"
    part: str = ""


def _by_office(name: str, start: str, body: bytes, filter_name: str) -> Maker:
    """What LibreOffice saves behind a password."""

    def make(folder: Path) -> bytes:
        source, target = folder / f"plain.{start}", folder / name
        source.write_bytes(body)
        command = ["/usr/bin/python3", str(_LOCKING), str(source), str(target), filter_name]
        subprocess.run(command, check=True, timeout=_LOCKING_SECONDS, stdin=subprocess.DEVNULL)
        return target.read_bytes()

    return make


def _locked(document: bytes) -> Maker:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(document)).encrypt("secret", out)
    return made(out.getvalue())


def _locked_show(folder: Path) -> bytes:
    """The marks of an encrypted file: a token, and a longer record ([MS-PPT] 2.3.2 and 2.3.3)."""
    show = converted("ppt", "pptx", SLIDES)(folder)
    for plain, locked in (("5fc091e3", "dfc4d1f3"), ("0000f50f1c000000", "0000f50f20000000")):
        assert show.count(bytes.fromhex(plain)) == 1
        show = show.replace(bytes.fromhex(plain), bytes.fromhex(locked))
    return show


def _locked_member() -> bytes:
    """The mark of an encrypted member (APPNOTE.TXT 4.4.4), before it and in the directory."""
    archive = bytearray(samples.zipped({"note.txt": TEXT}))
    for start, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(start) + flags_at] |= 1
    return bytes(archive)


def _cut(maker: Maker, share: float = 0.6) -> Maker:
    def make(folder: Path) -> bytes:
        whole = maker(folder)
        return whole[: int(len(whole) * share)]

    return make


def _junk(start: bytes = b"", size: int = 40_000) -> Maker:
    return made(start + random.Random(7).randbytes(size))


_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_PROGRAM = b"MZ\x90\x00" + bytes(range(256)) * 8
LOCKED = [
    Refused("locked-docx", _LOCKED, _locked(WORD), "docx"),
    Refused("locked-xlsx", _LOCKED, _locked(EXCEL), "xlsx"),
    Refused("locked-pptx", _LOCKED, _locked(SLIDES), "pptx"),
    Refused("locked-doc", _LOCKED, _by_office("it.doc", "docx", WORD, "MS Word 97"), "doc"),
    Refused("locked-xls", _LOCKED, _by_office("it.xls", "xlsx", EXCEL, "MS Excel 97"), "xls"),
    Refused("locked-ppt", _LOCKED, _locked_show, "ppt"),
    Refused("locked-odt", _LOCKED, _by_office("it.odt", "docx", WORD, "writer8"), "odt"),
    Refused("locked-ods", _LOCKED, _by_office("it.ods", "xlsx", EXCEL, "calc8"), "ods"),
    Refused("locked-odp", _LOCKED, _by_office("it.odp", "pptx", SLIDES, "impress8"), "odp"),
    Refused("locked-pdf", _LOCKED, made(samples.locked_pdf("secret")), "pdf"),
    Refused("locked-zip-member", _LOCKED, made(_locked_member()), "zip", part="1"),
    Refused(
        "locked-in-zip", _LOCKED, made(samples.zipped({"it.docx": _locked(WORD)(Path())})), "zip", part="1"
    ),
]
EMPTY = [
    *(Refused(f"empty-{called}", _EMPTY, made(b""), called) for called in ("docx", "pdf", "txt", "msg")),
    Refused("empty-zip", _EMPTY, made(samples.zipped({})), "zip"),
    Refused("empty-member", _EMPTY, made(samples.zipped({"a.docx": b""})), "zip", part="1"),
]
CUT = [
    Refused("cut-docx", _CORRUPT, _cut(made(WORD)), "docx"),
    Refused("cut-xlsx", _CORRUPT, _cut(made(EXCEL)), "xlsx"),
    Refused("cut-pptx", _CORRUPT, _cut(made(SLIDES)), "pptx"),
    Refused("cut-doc", _CORRUPT, _cut(converted("doc", "docx", WORD)), "doc"),
    Refused("cut-xls", _CORRUPT, _cut(converted("xls", "xlsx", EXCEL)), "xls"),
    Refused("cut-ppt", _CORRUPT, _cut(converted("ppt", "pptx", SLIDES)), "ppt"),
    Refused("cut-odt", _CORRUPT, _cut(converted("odt", "docx", WORD)), "odt"),
    Refused("cut-msg", _CORRUPT, _cut(made(outlook_with_files()), 0.3), "msg"),
    Refused("cut-pdf", _CORRUPT, made(samples.pdf()[:150]), "pdf"),
    Refused("cut-jpg", _CORRUPT, _cut(made(saved("JPEG")), 0.2), "jpg"),
    Refused("cut-png", _CORRUPT, _cut(made(saved("PNG")), 0.2), "png"),
    Refused("cut-tif", _CORRUPT, _cut(made(scanned("group4", "1")), 0.2), "tif"),
    Refused("cut-zip", _CORRUPT, _cut(made(samples.zipped({"a.txt": TEXT * 50, "b.txt": TEXT}))), "zip"),
]
MISLABELLED = [
    Refused("program-docx", _UNSUPPORTED, made(_PROGRAM), "docx"),
    Refused("program-pdf", _UNSUPPORTED, made(_PROGRAM), "pdf"),
    Refused("program-in-zip", _UNSUPPORTED, made(samples.zipped({"letter.docx": _PROGRAM})), "zip", part="1"),
    Refused("no-such-part", "part_not_found", made(samples.zipped({"a.txt": TEXT})), "zip", part="2"),
    Refused("part-of-a-letter", "part_not_found", made(WORD), "docx", part="1"),
]
JUNK = [
    *(
        Refused(f"junk-{called}", _UNSUPPORTED, _junk(), called)
        for called in ("doc", "txt", "csv", "eml", "html")
    ),
    *(Refused(f"junk-zip-{called}", _CORRUPT, _junk(b"PK\x03\x04"), called) for called in ("docx", "zip")),
    *(Refused(f"junk-ole-{called}", _CORRUPT, _junk(_OLE), called) for called in ("doc", "msg")),
    Refused("junk-pdf", _CORRUPT, _junk(b"%PDF-1.7\n"), "pdf"),
    Refused("junk-jpg", _CORRUPT, _junk(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"), "jpg"),
    Refused("junk-png", _CORRUPT, _junk(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), "png"),
    Refused("junk-tif", _CORRUPT, _junk(b"II*\x00\x08\x00\x00\x00"), "tif"),
    Refused("junk-rtf", _CORRUPT, _junk(b"{\\rtf1\\ansi "), "rtf"),
    Refused("junk-html-page", _UNSUPPORTED, _junk(b"<html><body><p>"), "html"),
    Refused("junk-wri", _CORRUPT, _junk(b"\x31\xbe\x00\x00\x00\xab"), "wri"),
    Refused("junk-doc-2", _CORRUPT, _junk(b"\xdb\xa5\x2d\x00"), "doc"),
    Refused("junk-wmf", _CORRUPT, _junk(b"\xd7\xcd\xc6\x9a"), "wmf"),
    Refused("junk-xls-4", _CORRUPT, _junk(bytes.fromhex("0904060000001000")), "xls"),
    Refused("junk-emf", _CORRUPT, _junk(b"\x01\x00\x00\x00\x58" + bytes(35) + b" EMF"), "emf"),
    Refused("junk-wpd", _CORRUPT, _junk(bytes.fromhex("ff57504310000000010a0201")), "wpd"),
]
REFUSED = [*LOCKED, *EMPTY, *CUT, *MISLABELLED, *JUNK]
