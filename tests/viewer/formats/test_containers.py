"""What every kind of document that holds parts promises."""

import gzip
import io
import tarfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viewer import samples
from tests.viewer.formats.opening import LIMITS, Basket, extract, parts
from viewer.errors import PartNotFound, Problem, TooLarge
from viewer.formats import extract as extract_part

NOTE, LETTER = b"A note.\n" * 400, bytes(range(256)) * 700


@dataclass(frozen=True)
class Case:
    """A document, and what is in it.

    Args:
        sizes: whether the document tells them.
    """

    body: bytes
    inside: tuple[tuple[str, bytes], ...]
    sizes: bool = True


def _tar(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, body in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return out.getvalue()


def _gzip(name: str, body: bytes) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=out) as file:
        file.write(body)
    return out.getvalue()


def attached_file(pdf: pikepdf.Pdf, name: str, body: bytes) -> pikepdf.AttachedFileSpec:
    day = "D:20260101000000Z"
    return pikepdf.AttachedFileSpec(
        pdf, body, filename=name, description="", mime_type="", creation_date=day, mod_date=day
    )


def pdf_with(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(samples.pdf())) as pdf:
        for name, body in members.items():
            pdf.attachments[name] = attached_file(pdf, name, body)
        pdf.save(out)
    return out.getvalue()


_TWO = {"letter.bin": LETTER, "notes/note.txt": NOTE}
CASES = {
    "zip": Case(samples.zipped({**_TWO, "empty/": b""}), tuple(_TWO.items())),
    "tar": Case(_tar(_TWO), tuple(_TWO.items())),
    "gzip": Case(_gzip("letter.bin.gz", LETTER), (("letter.bin", LETTER),), sizes=False),
    "pdf": Case(pdf_with(_TWO), tuple(_TWO.items())),
}


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


class TestParts:
    """The contract of `extract`."""

    def test_parts_are_numbered_from_one_in_the_documents_order(self, case: Case) -> None:
        found = parts(case.body)
        assert [(part.number, part.name) for part in found] == [
            (number, name) for number, (name, _) in enumerate(case.inside, 1)
        ]
        assert [part.size for part in found] == [len(body) if case.sizes else None for _, body in case.inside]
        assert not any(part.locked for part in found)

    def test_a_part_comes_out_byte_for_byte_as_it_was_listed(self, case: Case) -> None:
        for listed, (_, body) in zip(parts(case.body), case.inside, strict=True):
            assert extract(case.body, listed.number) == (listed.name, body)

    def test_a_number_that_is_not_there_is_not_found(self, case: Case) -> None:
        for number in (0, -1, len(case.inside) + 1, 9999, 10**12):
            with pytest.raises(PartNotFound):
                extract(case.body, number)

    def test_the_sink_stops_it_and_gets_small_pieces(self, case: Case) -> None:
        number = next(at for at, (_, body) in enumerate(case.inside, 1) if body == LETTER)
        basket = Basket(cap=1000)
        with pytest.raises(TooLarge):
            extract_part(io.BytesIO(case.body), (number,), LIMITS, basket)
        assert basket.largest <= 64 * 1024
        assert len(basket.taken) <= 1000 + 64 * 1024

    def test_a_file_that_is_cut_short_ends_in_parts_or_a_typed_refusal(self, case: Case) -> None:
        for share in range(1, 40):
            _read_everything(case.body[: len(case.body) * share // 40])


def _read_everything(body: bytes) -> None:
    """Any other exception is a failed promise."""
    with suppress(Problem):
        for part in parts(body):
            with suppress(Problem):
                extract(body, part.number, cap=1_000_000)
    with suppress(Problem):
        extract(body, 2, cap=1_000_000)


_DAMAGE = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8)
_SMALL: dict[str, Callable[[], bytes]] = {
    "zip": lambda: samples.zipped({"a.txt": b"a" * 50, "b/c.txt": b"c" * 50}),
    "tar": lambda: _tar({"a.txt": b"a" * 50, "b/c.txt": b"c" * 50}),
    "gzip": lambda: _gzip("a.txt.gz", b"a" * 500),
    "pdf": lambda: pdf_with({"a.txt": b"a" * 50}),
}


@pytest.mark.parametrize("name", CASES)
@given(damage=_DAMAGE, share=st.sampled_from([1, 1, 1, 0.9, 0.5]))
@settings(max_examples=120, deadline=None, derandomize=True)
def test_a_damaged_file_ends_in_parts_or_a_typed_refusal(
    name: str, damage: list[tuple[float, int]], share: float
) -> None:
    damaged = bytearray(_SMALL[name]())
    for where, byte in damage:
        damaged[int(where * len(damaged))] = byte
    _read_everything(bytes(damaged[: int(share * len(damaged))]))


@pytest.mark.parametrize("name", CASES)
@given(rest=st.binary(max_size=1500))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_any_bytes_end_in_parts_or_a_typed_refusal(name: str, rest: bytes) -> None:
    start = {"zip": b"PK\x03\x04", "tar": b"a.txt", "gzip": b"\x1f\x8b\x08", "pdf": b"%PDF-1.7\n"}[name]
    _read_everything(start + rest)


_INNER = _tar(_TWO)
_PACKED = _gzip("inner.tar", _INNER)
_WHOLE = samples.zipped({"first.txt": b"A note.", "inner.tar.gz": _PACKED})


def test_a_part_of_a_part_comes_out_in_one_go() -> None:
    assert extract(_WHOLE, 2, 1, 2) == ("notes/note.txt", NOTE)


def test_all_levels_of_nested_parts_count_against_the_limit() -> None:
    needed = len(_PACKED) + len(_INNER) + len(NOTE)
    assert extract(_WHOLE, 2, 1, 2, limits=replace(LIMITS, max_total_bytes=needed))[1] == NOTE
    for limits in (replace(LIMITS, max_total_bytes=needed - 1), replace(LIMITS, max_part_bytes=len(LETTER))):
        with pytest.raises(TooLarge):
            extract(_WHOLE, 2, 1, 2, limits=limits)


@pytest.mark.parametrize("numbers", [(1, 1), (2, 2), (2, 1, 9), (3, 1)])
def test_a_way_that_leads_nowhere_is_not_found(numbers: tuple[int, ...]) -> None:
    with pytest.raises(PartNotFound):
        extract(_WHOLE, *numbers)
