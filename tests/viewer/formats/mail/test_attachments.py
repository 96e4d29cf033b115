"""What came with a mail: listed in its order, and given out as it was."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from demo import letters
from tests.viewer import samples
from tests.viewer.formats.mail.test_outlook import winmail
from tests.viewer.formats.opening import as_kind, extract, parts
from viewer.documents import Part
from viewer.errors import Corrupt, PartNotFound, TooLarge
from viewer.formats.document import Kind
from viewer.formats.mail import reading
from viewer.formats.mail.kinds import MSG, TNEF


def _extract(document: bytes, number: int) -> bytes:
    return extract(document, number)[1]


def _with_picture(html: str, content_id: str = "a@b") -> bytes:
    message = EmailMessage()
    message["From"] = "a@b.test"
    message.set_content("text")
    message.add_alternative(html, subtype="html")
    html_part = message.get_body(("html",))
    assert isinstance(html_part, EmailMessage)
    html_part.add_related(samples.picture("PNG"), "image", "png", cid=f"<{content_id}>", filename="a.png")
    message.add_attachment(b"123", "application", "pdf", filename="../b.pdf")
    return message.as_bytes()


def test_a_picture_in_the_body_is_no_attachment() -> None:
    assert parts(_with_picture("<img src='cid:a@b'>")) == (Part(2, "b.pdf", 3),)


@pytest.mark.parametrize(
    "html",
    [
        "<p>no picture",
        "<img src='cid:other'>",
        "<!-- <img src='cid:a@b'> -->",
        "<noscript><img src='cid:a@b'></noscript>",
        "cid:a@b",
        "<a href='cid:a@b'>x</a>",
    ],
)
def test_attachments_that_the_body_does_not_show_are_listed(html: str) -> None:
    listed = parts(_with_picture(html))
    assert [(part.number, part.name) for part in listed] == [(1, "a.png"), (2, "b.pdf")]


def test_an_attachment_that_is_no_picture_is_listed() -> None:
    message = _with_picture("<img src='cid:a@b'>").replace(b"iVBOR", b"AAAAA")
    assert len(parts(message)) == 2


def test_numbers_lead_to_the_bytes_of_their_part() -> None:
    message = _with_picture("<img src='cid:a@b'>")
    assert _extract(message, 2) == b"123"
    assert _extract(message, 1) == samples.picture("PNG")


@pytest.mark.parametrize("number", [-1, 0, 3, 10**9])
def test_there_is_nothing_under_other_numbers(number: int) -> None:
    with pytest.raises(PartNotFound):
        _extract(_with_picture("x"), number)


def test_mails_in_mails_open_again(tmp_path: Path) -> None:
    (tmp_path / "1001.docx").write_bytes(samples.word())
    letters.outlook(tmp_path / "a.msg")
    document = (tmp_path / "a.msg").read_bytes()
    *_, inner = parts(document)
    assert (inner.number, inner.name) == (3, "How is Rowan?")
    within = _extract(document, 3)
    (note,) = parts(within)
    assert note.name == "telephone call.txt"
    assert _extract(within, note.number).startswith(b"Telephone call")


def test_a_winmail_gives_out_its_attachments() -> None:
    assert [part.name for part in parts(winmail())] == ["a b.pdf", "attachment 2"]
    assert _extract(winmail(), 1) == b"123\0"


@pytest.mark.parametrize("kind", [MSG, TNEF], ids=["msg", "tnef"])
def test_bytes_that_are_no_message_are_corrupt(kind: Kind) -> None:
    with pytest.raises(Corrupt):
        reading.read(as_kind(b"junk", kind))


def test_the_sink_stops_it_at_its_cap() -> None:
    with pytest.raises(TooLarge):
        extract(_with_picture("x"), 2, cap=2)
