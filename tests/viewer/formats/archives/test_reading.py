"""Archives that were made to harm, and archives that are merely odd."""

import gzip
import io
import tarfile
import zipfile

import pytest

from tests.viewer import samples
from tests.viewer.formats.opening import LIMITS, Basket, extract, parts
from viewer.errors import Corrupt, Empty, PartNotFound, PasswordProtected, TooLarge, UnsupportedType
from viewer.formats import extract as extract_part
from viewer.formats import zips
from viewer.formats.archives.reading import MAX_MEMBERS, MAX_TAR_HEADER


def _flagged(archive: bytes, bits: int) -> bytes:
    """The same zip, its first member with these flags."""
    changed = bytearray(archive)
    for signature, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.index(signature) + flags_at
        changed[at : at + 2] = (int.from_bytes(changed[at : at + 2], "little") | bits).to_bytes(2, "little")
    return bytes(changed)


def _stored(names: list[str], body: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), body)
    return out.getvalue()


def test_a_locked_member_is_listed_as_locked_and_refused_when_it_is_opened() -> None:
    archive = _flagged(samples.zipped({"secret.txt": "x", "open.txt": "y"}), 0x1)
    assert [part.locked for part in parts(archive)] == [True, False]
    with pytest.raises(PasswordProtected):
        extract(archive, 1)
    assert extract(archive, 2)[1] == b"y"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_packed_in_a_way_that_could_fill_the_memory_is_listed_and_refused(method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("zeros", bytes(5_000_000))
    assert parts(out.getvalue())[0].size == 5_000_000
    with pytest.raises(UnsupportedType):
        extract(out.getvalue(), 1)


def test_a_bomb_stops_at_the_cap() -> None:
    for bomb in (samples.zipped({"zeros": bytes(50_000_000)}), gzip.compress(bytes(50_000_000))):
        assert len(bomb) < 100_000
        basket = Basket(cap=100_000)
        with pytest.raises(TooLarge):
            extract_part(io.BytesIO(bomb), (1,), LIMITS, basket)
        assert len(basket.taken) < 300_000


def test_members_that_share_their_bytes_cost_what_one_costs() -> None:
    """Each of the directory's entries points at the same fifty kilobytes."""
    one = samples.zipped({"a": bytes(50_000_000)})
    at = one.index(b"PK\x01\x02")
    entry, end = one[at:-22], bytearray(one[-22:])
    end[8:12] = (2000).to_bytes(2, "little") * 2
    end[12:16] = (2000 * len(entry)).to_bytes(4, "little")
    shared = one[:at] + entry * 2000 + bytes(end)
    assert len(parts(shared)) == 2000
    basket = Basket(cap=100_000)
    with pytest.raises((TooLarge, Corrupt)):
        extract_part(io.BytesIO(shared), (1999,), LIMITS, basket)
    assert len(basket.taken) < 300_000


@pytest.mark.parametrize(("size", "result"), [(3, None), (5_000_000, b"0123456789" * 100)])
def test_a_size_that_lies_gives_no_other_bytes(size: int, result: bytes | None) -> None:
    lying = bytearray(samples.zipped({"a": b"0123456789" * 100}))
    for signature, size_at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = lying.index(signature) + size_at
        lying[at : at + 4] = size.to_bytes(4, "little")
    if result:
        assert extract(bytes(lying), 1)[1] == result
    else:
        with pytest.raises(Corrupt):
            extract(bytes(lying), 1)


def test_more_files_than_are_listed_are_too_many() -> None:
    names = [f"{number}.txt" for number in range(MAX_MEMBERS)]
    assert len(parts(_stored(names))) == MAX_MEMBERS
    with pytest.raises(TooLarge):
        parts(_stored([*names, "one too many.txt"]))


def test_a_directory_without_end_is_not_read() -> None:
    entries = samples.zipped({"a": b"x"})
    with pytest.raises(TooLarge):
        zips.open_zip(io.BytesIO(b"PK\x01\x02" * 100_001 + entries))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "../../etc/passwd"),
        ("/etc/passwd", "/etc/passwd"),
        ("C:\\Users\\note.txt", "C:/Users/note.txt"),
        ("invoice\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe", "invoicefdp.exe"),
        ("a\N{ZERO WIDTH SPACE}b\x07.txt", "ab.txt"),
        ("  \t ", "(no name)"),
        ("x" * 900 + ".docx", "…" + "x" * 249 + ".docx"),
        ("Müller £5 \N{GREEK SMALL LETTER OMEGA}.txt", "Müller £5 \N{GREEK SMALL LETTER OMEGA}.txt"),
    ],
)
def test_names_are_shown_as_they_are_read_and_lead_nowhere(name: str, shown: str) -> None:
    archive = _stored([name], b"the body")
    (part,) = parts(archive)
    assert part.name == shown
    assert extract(archive, 1)[1] == b"the body"


def test_names_in_old_and_in_undeclared_encodings_are_read() -> None:
    for plain, encoding in (("cafe", "cp437"), ("cafee", "utf-8")):
        body = samples.zipped({f"{plain}.txt": b"x"}).replace(plain.encode(), "café".encode(encoding))
        assert parts(body)[0].name == "café.txt"
        assert extract(body, 1)[1] == b"x"


def test_two_files_of_the_same_name_are_two_parts() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"first")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", b"second")
    assert [part.name for part in parts(out.getvalue())] == ["a.txt", "a.txt"]
    assert [extract(out.getvalue(), number)[1] for number in (1, 2)] == [b"first", b"second"]


def test_links_in_a_tar_lead_nowhere() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        file = tarfile.TarInfo("../../file")
        file.size = 1
        archive.addfile(file, io.BytesIO(b"x"))
    assert [part.name for part in parts(out.getvalue())] == ["../../file"]
    with pytest.raises(PartNotFound):
        extract(out.getvalue(), 2)


def test_a_gzip_file_of_several_pieces_is_one_file() -> None:
    pieces = gzip.compress(b"first ") + gzip.compress(b"second") + bytes(512)
    assert extract(pieces, 1)[1] == b"first second"


def test_a_gzip_file_of_pieces_without_end_is_refused() -> None:
    with pytest.raises(TooLarge):
        extract(gzip.compress(b"") * (MAX_MEMBERS + 1), 1)


def test_a_gzip_file_that_is_cut_short_is_corrupt() -> None:
    with pytest.raises(Corrupt):
        extract(gzip.compress(bytes(range(256)) * 100)[:-20], 1)


def test_a_tar_whose_headers_are_megabytes_is_refused() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("x" * (MAX_TAR_HEADER + 1)))
    with pytest.raises(TooLarge):
        parts(out.getvalue())


def test_an_archive_of_nothing_is_empty() -> None:
    with pytest.raises(Empty):
        parts(samples.zipped({"folder/": b""}))
