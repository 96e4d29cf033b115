"""PDFs: sound ones go as they are, damaged ones are mended, and what is not shown is said."""

import contextlib
import io
import struct
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.viewer import samples
from tests.viewer.formats.opening import LIMITS, SHOWN, outcome_within_limits
from viewer.errors import Corrupt, PasswordProtected, Problem, TooLarge
from viewer.formats import read
from viewer.formats.pdf import inspection as pdf
from viewer.formats.pdf.inspection import PdfInspection

_DATA = (
    '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form>'
    "<child><name>Zoë Müller</name><born>2016-02-29</born></child><note/><cost>£12.50</cost>"
    "</form></xfa:data></xfa:datasets>"
)


def _inspected(body: bytes) -> PdfInspection:
    found, replacement = read(io.BytesIO(body), LIMITS)
    return PdfInspection(found.notes, replacement, found.media_type)


def _with(change: Callable[[Pdf], None]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(samples.pdf())) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def _script(document: Pdf) -> None:
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def _launch(document: Pdf) -> None:
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.Launch, F=String("x"))
    )
    document.pages[0].obj.Annots = Array([document.make_indirect(link)])


def _film(document: Pdf) -> None:
    document.pages[0].obj.Annots = Array(
        [Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=[0, 0, 9, 9])]
    )


def _portfolio(document: Pdf) -> None:
    document.Root.Collection = Dictionary(Type=Name.Collection)


def _form(document: Pdf, data: str = _DATA) -> None:
    packets = Array([String("template"), document.make_stream(b"<t/>")])
    packets.extend([String("datasets"), document.make_stream(data.encode())])
    document.Root.AcroForm = Dictionary(XFA=packets, Fields=Array())


def _dynamic_form(document: Pdf) -> None:
    _form(document)
    document.Root.NeedsRendering = True


@pytest.mark.parametrize(
    "body", [samples.pdf(pages=3), samples.locked_pdf(user_password="")], ids=["plain", "open"]
)
def test_a_sound_pdf_goes_as_it_is(body: bytes) -> None:
    assert _inspected(body) == PdfInspection()


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (_script, pdf.ACTIONS),
        (_launch, pdf.ACTIONS),
        (_film, pdf.PLAYED),
        (_portfolio, pdf.PORTFOLIO),
        (_form, pdf.ADOBE_FORM),
    ],
    ids=["script", "launch", "film", "portfolio", "form"],
)
def test_actions_layers_and_media_of_a_pdf_are_noted(change: Callable[[Pdf], None], note: str) -> None:
    assert _inspected(_with(change)) == PdfInspection((note,))


def test_a_form_that_only_adobe_lays_out_is_shown_as_what_was_filled_in() -> None:
    found = _inspected(_with(_dynamic_form))
    assert found.notes == (pdf.FORM_AS_LIST,)
    assert found.media_type == "text/plain; charset=utf-8"
    assert (found.replacement or b"").decode().splitlines() == [
        "name: Zoë Müller",
        "born: 2016-02-29",
        "cost: £12.50",
    ]


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: body[:-300],
        lambda body: body.replace(b"startxref\n", b"startxref\n9"),
        lambda body: body.replace(b"0000000", b"0000999"),
    ],
    ids=["cut", "start", "table"],
)
def test_a_damaged_pdf_is_mended_and_said_to_be_damaged(damage: Callable[[bytes], bytes]) -> None:
    found = _inspected(damage(samples.pdf(pages=3)))
    assert found.notes == (pdf.DAMAGED,)
    assert found.replacement
    assert b"/Linearized" not in found.replacement
    with pikepdf.open(io.BytesIO(found.replacement)) as repaired:
        assert len(repaired.pages) == 3
        assert not repaired.get_warnings()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (samples.locked_pdf("secret"), PasswordProtected),
        (samples.pdf()[:200], Corrupt),
        (b"%PDF-1.7\nnothing more", Corrupt),
        (_with(lambda document: document.pages.__delitem__(0)), Corrupt),
    ],
    ids=["locked", "cut", "head-only", "no-pages"],
)
def test_a_pdf_that_cannot_be_repaired_raises_a_typed_refusal(body: bytes, error: type[Problem]) -> None:
    with pytest.raises(error):
        _inspected(body)


def _packed_bomb(document: Pdf) -> None:
    """400 MB of nothing where the form's data would be."""
    _dynamic_form(document)
    document.Root.AcroForm.XFA[3] = document.make_stream(b" " * 400_000_000)


def _deep(opening: bytes, closing: bytes) -> bytes:
    depth = 200_000
    return samples.pdf().replace(b"/Type /Catalog", b"/Type /Catalog /X " + opening * depth + closing * depth)


_LOOP = (
    b"%PDF-1.5\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj "
    b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>endobj\n"
    b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 3/Prev 116>>\nstartxref\n116\n%%EOF"
)
_ENTITIES = (
    "<!DOCTYPE a [<!ENTITY a '"
    + "x" * 1000
    + "'>"
    + "".join(
        f"<!ENTITY {name} '{f'&{before};' * 10}'>"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><a><b>&i;</b></a>"
)


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: _deep(b"[", b"]"),
        lambda: _deep(b"<<", b">>"),
        lambda: _LOOP,
        lambda: _with(_packed_bomb),
    ],
    ids=["arrays", "dictionaries", "loop", "stream"],
)
def test_a_bomb_ends_within_its_limits(bomb: Callable[[], bytes]) -> None:
    with contextlib.suppress(Corrupt, TooLarge):
        assert isinstance(_inspected(bomb()), PdfInspection)


def _object_stream_bomb(arrays: int) -> bytes:
    """The catalogue's names are in an object stream (ISO 32000-1, 7.5.7) that unpacks to megabytes."""
    array = b"[" + b"0 " * 500_000 + b"]"
    packed = zlib.compress(b"5 0 [" + array * arrays + b"]", 9)
    head = f"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {len(packed)}>>stream\n".encode()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R/Names 5 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        head + packed + b"\nendstream",
    ]
    document, rows = b"%PDF-1.5\n", [(0, 0, 65535)]
    for number, body in enumerate(bodies, 1):
        rows.append((1, len(document), 0))
        document += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = b"".join(struct.pack(">BIH", *row) for row in [*rows, (2, 4, 0), (1, len(document), 0)])
    about = f"<</Type/XRef/Size 7/Root 1 0 R/W[1 4 2]/Length {len(table)}>>stream\n".encode()
    end = f"\nendstream\nendobj\nstartxref\n{len(document)}\n%%EOF".encode()
    return document + b"6 0 obj\n" + about + table + end


@pytest.mark.parametrize("arrays", [1, 200])
def test_objects_that_unpack_to_much_end_within_the_limits(arrays: int) -> None:
    bomb = _object_stream_bomb(arrays)
    assert outcome_within_limits(bomb, seconds=30) in {SHOWN, TooLarge.code}


def test_entities_in_a_forms_data_are_not_multiplied() -> None:
    def bomb(document: Pdf) -> None:
        _form(document, _ENTITIES)
        document.Root.NeedsRendering = True

    assert len(_inspected(_with(bomb)).replacement or b"") < 20_000_000


def test_a_pdf_of_very_many_pages_is_looked_through() -> None:
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(5000):
            document.add_blank_page()
        document.save(out)
    assert _inspected(out.getvalue()) == PdfInspection()


_WHOLE = [
    samples.pdf(),
    samples.locked_pdf(""),
    *(_with(change) for change in (_script, _dynamic_form, _launch)),
]


@given(
    st.sampled_from(_WHOLE),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_damage_ends_in_a_finding_or_a_typed_refusal(
    whole: bytes, damage: list[tuple[float, int]]
) -> None:
    damaged = bytearray(whole)
    for where, byte in damage:
        damaged[int(where * len(damaged))] = byte
    with contextlib.suppress(Problem, MemoryError):
        assert isinstance(_inspected(bytes(damaged)), PdfInspection)


def _layers(document: Pdf) -> None:
    names = ("Plan", "Names", "Notes")
    layers = [document.make_indirect(Dictionary(Type=Name.OCG, Name=String(name))) for name in names]
    document.Root.OCProperties = Dictionary(OCGs=Array(layers), D=Dictionary(OFF=Array(layers[1:2])))


def _layers_off_at_first(document: Pdf) -> None:
    _layers(document)
    usual = document.Root.OCProperties.D
    usual.BaseState, usual.ON = Name.OFF, Array([document.Root.OCProperties.OCGs[0]])


def _layer_off_on_the_screen(document: Pdf) -> None:
    _layers(document)
    layers = document.Root.OCProperties
    layers.D = Dictionary()
    layers.OCGs[2].Usage = Dictionary(View=Dictionary(ViewState=Name.OFF))


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (_layers, pdf.ONE_LAYER),
        (_layers_off_at_first, pdf.LAYERS.format(count=2)),
        (_layer_off_on_the_screen, pdf.ONE_LAYER),
    ],
)
def test_layers_that_are_switched_off_are_said(change: Callable[[Pdf], None], note: str) -> None:
    assert _inspected(_with(change)).notes == (note,)


@pytest.mark.parametrize("said", [0, 7])
def test_a_tree_of_pages_that_miscounts_is_put_right(said: int) -> None:
    whole = samples.pdf()
    assert b"/Count 1" in whole
    found = _inspected(whole.replace(b"/Count 1", b"/Count %d" % said))
    assert found.notes == ()
    assert found.replacement is not None
    with pikepdf.open(io.BytesIO(found.replacement)) as repaired:
        assert repaired.Root.Pages.Count == len(repaired.pages) == len(repaired.Root.Pages.Kids) == 1
        assert repaired.pages[0].Contents.read_bytes()


def test_a_pdf_with_object_streams_without_its_last_lines_is_shown_as_damaged() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(samples.pdf(pages=2))) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    whole = out.getvalue()
    found = _inspected(whole[: whole.rindex(b"startxref")])
    assert found.notes == (pdf.DAMAGED,)
    assert found.replacement is not None
    with pikepdf.open(io.BytesIO(found.replacement)) as repaired:
        assert len(repaired.pages) == 2


def test_a_pdf_locked_for_readers_alone_is_shown_without_the_lock() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(samples.pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="", user="readers"))
    found = _inspected(out.getvalue())
    assert found.notes == ()
    assert found.replacement is not None
    with pikepdf.open(io.BytesIO(found.replacement)) as plain:
        assert not plain.is_encrypted


def test_a_pdf_locked_with_certificates_is_locked() -> None:
    lock = b"<</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s4/V 1/Recipients[<00>]>>"
    body = samples.pdf()
    at = body.rindex(b"/Root")
    with pytest.raises(PasswordProtected):
        _inspected(body[:at] + b"/ID[<00><00>]/Encrypt " + lock + b" " + body[at:])
