"""What healthy documents have stays within the limits that stop the worst ones."""

import io
import struct

import pikepdf
import pytest
from PIL import Image

from tests.hostile.cases import filled
from viewer.errors import Corrupt, TooLarge
from viewer.formats.html.markup import fragment
from viewer.formats.mail.eml import read_eml
from viewer.formats.mime import parse_message
from viewer.formats.pdf.opening import open_pdf
from viewer.formats.pictures import jpeg_passes, tiff_directories

_A4_AT_300 = (2480, 3508)


def _tiff(pages: int, sides: tuple[int, int]) -> io.BytesIO:
    out = bytearray(b"MM\0*" + struct.pack(">I", 8))
    for number in range(pages):
        following = len(out) + 30 if number + 1 < pages else 0
        tags = (struct.pack(">HHII", tag, 4, 1, side) for tag, side in zip((256, 257), sides, strict=True))
        out += struct.pack(">H", 2) + b"".join(tags) + struct.pack(">I", following)
    return io.BytesIO(bytes(out))


def test_two_thousand_pages_at_300_dots_an_inch_are_no_more_than_a_scan_may_have() -> None:
    tiff_directories.check(_tiff(2000, _A4_AT_300))
    with pytest.raises(TooLarge):
        tiff_directories.check(_tiff(2001, (8, 8)))
    with pytest.raises(TooLarge):
        tiff_directories.check(_tiff(2000, (4000, 4000)))


@pytest.mark.parametrize("progressive", [False, True])
def test_a_photograph_has_few_passes_whatever_follows_its_end(progressive: bool) -> None:  # noqa: FBT001 - the case
    out = io.BytesIO()
    Image.effect_noise((200, 200), 50).convert("RGB").save(out, "JPEG", progressive=progressive)
    jpeg_passes.check(io.BytesIO(out.getvalue() + b"\xff\xda" * 1000))
    with pytest.raises(TooLarge):
        jpeg_passes.check(io.BytesIO(out.getvalue()[:-2] + b"\xff\xda\0\2" * 101 + b"\xff\xd9"))
    with pytest.raises(Corrupt):
        jpeg_passes.check(io.BytesIO(b"\xff\xd8" + b"\xff" * 5000))


def test_an_element_of_very_many_attributes_is_words_and_the_page_goes_on() -> None:
    many = " ".join(f"a{number}" for number in range(1001))
    shown = fragment(f"<p>before</p><p {many}>inside</p><p>after</p>", {}).html
    assert "before" in shown
    assert "a1000" in shown
    assert "<p>after</p>" in shown


def test_scripts_and_comments_are_not_taken_for_elements_of_many_attributes() -> None:
    words = "word " * 3000
    shown = fragment(f"<script>if (a<b && {words})</script><!-- <a {words} --><p>seen</p>", {}).html
    assert shown == "<p>seen</p>"


def test_formatting_that_is_never_closed_is_not_written_anew_for_ever() -> None:
    page = "".join(f"<font color=#{number:06}>" for number in range(900)) + "<p>x" * 10_000
    assert len(fragment(page, {}).html) < len(page) * 2


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_parts_keep_their_bytes_up_to_the_line_end_before_the_boundary(end: bytes) -> None:
    lines = [b'Content-Type: multipart/mixed; boundary="x"', b"", b"--x", b"", b"a --x", b"--xy", b"", b"--x"]
    lines += [b"", b"", b"b", b"--x--", b"c"]
    bodies = [part.body for part in parse_message(end.join(lines)).parts]
    assert bodies == [end.join([b"a --x", b"--xy", b""]), b"b", b"c"]


def test_a_mail_in_six_levels_is_read() -> None:
    heads = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(6))
    message = read_eml(b"From: a@b.test\n" + heads + b"\n" + filled(b"text ", 100_000))
    assert message.text is not None
    assert message.text.startswith("text")


def test_a_page_that_comes_twice_in_a_pdf_is_counted_and_allowed() -> None:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        pdf.Root.Pages.Kids = pikepdf.Array([page.obj] * 3)
        pdf.Root.Pages.Count = 3
        pdf.save(out)
    with open_pdf(out) as again:
        assert len(again.pages) == 3
