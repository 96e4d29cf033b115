"""Files in PDFs: attached, pinned to a page, packed oddly, or not there."""

import io

import pikepdf
import pytest

from tests.viewer import samples
from tests.viewer.formats.opening import LIMITS, Basket, extract, parts
from tests.viewer.formats.test_containers import attached_file, pdf_with
from viewer.errors import TooLarge, UnsupportedType
from viewer.formats import extract as extract_part


def _changed(body: bytes, filters: pikepdf.Name | None, packed: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(body)) as pdf:
        (spec,) = pdf.attachments.values()
        spec.obj.EF.F.write(packed, filter=filters)
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def test_a_file_pinned_to_a_page_is_a_part_and_one_that_is_attached_too_counts_once() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_with({"attached.txt": b"attached"}))) as pdf:
        attached = pdf.attachments["attached.txt"].obj
        pinned = attached_file(pdf, "pinned.txt", b"pinned").obj
        pdf.pages[0].obj.Annots = pikepdf.Array(
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, FS=file)
            for file in (attached, pinned)
        )
        pdf.save(out)
    assert [part.name for part in parts(out.getvalue())] == ["attached.txt", "pinned.txt"]
    assert extract(out.getvalue(), 2)[1] == b"pinned"


def test_a_list_of_files_that_leads_back_to_itself_ends() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_with({"a.txt": b"x"}))) as pdf:
        tree = pdf.Root.Names.EmbeddedFiles
        branch = pdf.make_indirect(pikepdf.Dictionary(Limits=["a", "b"]))
        branch.Kids = pikepdf.Array([branch, branch])
        tree.Kids = pikepdf.Array([branch])
        del tree["/Names"]
        pdf.save(out)
    assert parts(out.getvalue()) == ()


def test_a_pdf_without_files_has_none() -> None:
    assert parts(samples.pdf()) == ()


def test_a_pdf_that_opens_without_a_password_gives_its_files() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_with({"a.txt": b"the words" * 100}))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user=""))
    assert extract(out.getvalue(), 1)[1] == b"the words" * 100


def test_a_bomb_in_a_pdf_stops_at_the_cap() -> None:
    bomb = pdf_with({"zeros": bytes(50_000_000)})
    assert len(bomb) < 200_000
    basket = Basket(cap=100_000)
    with pytest.raises(TooLarge):
        extract_part(io.BytesIO(bomb), (1,), LIMITS, basket)
    assert len(basket.taken) < 300_000


def test_a_file_that_is_not_packed_comes_out_as_it_is() -> None:
    body = _changed(pdf_with({"a.txt": b"x"}), None, b"plain bytes")
    assert extract(body, 1)[1] == b"plain bytes"


def test_a_file_packed_in_a_rare_way_is_listed_and_refused() -> None:
    body = _changed(pdf_with({"a.txt": b"x"}), pikepdf.Name.ASCIIHexDecode, b"414243>")
    assert len(parts(body)) == 1
    with pytest.raises(UnsupportedType):
        extract(body, 1)


def test_a_name_tree_whose_nodes_name_the_next_one_twice_ends_at_once() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_with({"a.txt": b"the words"}))) as pdf:
        node = pdf.make_indirect(pikepdf.Dictionary(Names=list(pdf.Root.Names.EmbeddedFiles.Names)))
        for _ in range(60):
            node = pdf.make_indirect(pikepdf.Dictionary(Kids=[node, node]))
        pdf.Root.Names.EmbeddedFiles = node
        pdf.save(out)
    assert [part.name for part in parts(out.getvalue())] == ["a.txt"]
    assert extract(out.getvalue(), 1)[1] == b"the words"
