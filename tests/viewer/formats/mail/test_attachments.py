"""What came with a mail: listed in its order, and given out as it was."""

import io
from email.message import EmailMessage
from pathlib import Path

import pytest

from demo import letters
from tests.viewer import samples
from tests.viewer.formats.mail.test_outlook import winmail
from viewer.documents import Container, Part
from viewer.errors import Corrupt, DocumentNotFound, TooLarge
from viewer.formats.mail import READERS
from viewer.formats.mail.attachments import MailContainer


def _container(kind: str) -> Container:
    return MailContainer(READERS[kind])


class _Taken:
    """A sink without a bottom."""

    def __init__(self) -> None:
        self.body = b""

    def write(self, chunk: bytes, /) -> None:
        self.body += chunk


def _extract(kind: str, document: bytes, number: int) -> bytes:
    taken = _Taken()
    part = _container(kind).extract(io.BytesIO(document), number, taken)
    assert (part.number, part.size) == (number, len(taken.body))
    return taken.body


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
    assert _container("eml").parts(io.BytesIO(_with_picture("<img src='cid:a@b'>"))) == (Part(2, "b.pdf", 3),)


@pytest.mark.parametrize(
    "html",
    [
        "<p>no picture",
        "<img src='cid:other'>",
        "<!-- <img src='cid:a@b'> -->",
        "<noscript><img src='cid:a@b'></noscript>",
        "cid:a@b",
        "<a href='cid:a@b'>x</a>",
        "<img src='cid:a@b'>" + "x" * 21_000_000,
    ],
)
def test_what_the_body_does_not_show_is_listed(html: str) -> None:
    parts = _container("eml").parts(io.BytesIO(_with_picture(html)))
    assert [(part.number, part.name) for part in parts] == [(1, "a.png"), (2, "b.pdf")]


def test_what_was_called_a_picture_and_is_none_is_listed() -> None:
    message = _with_picture("<img src='cid:a@b'>").replace(b"iVBOR", b"AAAAA")
    assert len(_container("eml").parts(io.BytesIO(message))) == 2


def test_numbers_lead_to_the_bytes_of_their_part() -> None:
    message = _with_picture("<img src='cid:a@b'>")
    assert _extract("eml", message, 2) == b"123"
    assert _extract("eml", message, 1) == samples.picture("PNG")


@pytest.mark.parametrize("number", [-1, 0, 3, 10**9])
def test_there_is_nothing_under_other_numbers(number: int) -> None:
    with pytest.raises(DocumentNotFound):
        _extract("eml", _with_picture("x"), number)


def test_mails_in_mails_open_again(tmp_path: Path) -> None:
    (tmp_path / "1001.docx").write_bytes(samples.word())
    letters.outlook(tmp_path / "a.msg")
    document = (tmp_path / "a.msg").read_bytes()
    *_, inner = _container("msg").parts(io.BytesIO(document))
    assert (inner.number, inner.name) == (3, "How is Rowan?")
    within = _extract("msg", document, 3)
    (note,) = _container("eml").parts(io.BytesIO(within))
    assert note.name == "telephone call.txt"
    assert _extract("eml", within, note.number).startswith(b"Telephone call")


def test_a_winmail_gives_out_its_attachments() -> None:
    parts = _container("tnef").parts(io.BytesIO(winmail()))
    assert [part.name for part in parts] == ["a b.pdf", "attachment 2"]
    assert _extract("tnef", winmail(), 1) == b"123\0"


@pytest.mark.parametrize("kind", ["msg", "tnef"])
def test_what_is_no_mail_is_corrupt(kind: str) -> None:
    with pytest.raises(Corrupt):
        _container(kind).parts(io.BytesIO(b"junk"))


def test_the_sink_stops_it_at_its_cap() -> None:
    class Full:
        def write(self, _chunk: bytes, /) -> None:
            raise TooLarge

    with pytest.raises(TooLarge):
        _container("eml").extract(io.BytesIO(_with_picture("x")), 2, Full())
