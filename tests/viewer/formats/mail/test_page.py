"""Mails and web pages through real offices: what is on the pages, and that nothing is fetched for them."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

import pypdfium2
import pytest

from demo import letters
from demo.outlook import Attached, OutlookMessage, msg
from tests.conversion.offices import text_of
from tests.conversion.test_hardening import Asked
from tests.viewer import samples
from tests.viewer.formats.mail.test_outlook import winmail
from tests.viewer.formats.opening import SHOWN, as_kind, outcome_within_limits
from tests.viewer.offices import Offices
from viewer.errors import Corrupt, TooLarge
from viewer.formats.document import Kind
from viewer.formats.html.kinds import HTML, MHT
from viewer.formats.html.reading import page_text
from viewer.formats.mail.kinds import EML, MSG, TNEF
from viewer.formats.mail.page import MAX_ADDRESSES_SHOWN, format_sent
from viewer.formats.table import TABLE

SENT = datetime(2026, 3, 4, 14, 5, tzinfo=UTC)


def _pdf(offices: Offices, document: bytes, kind: Kind) -> bytes:
    found, page = TABLE[kind.name].read(as_kind(document, kind))
    assert found.printing
    return offices.printed(page or document, found.printing)


def _made(maker: Callable[[Path], None], folder: Path) -> bytes:
    (folder / "1001.docx").write_bytes(samples.word())
    maker(folder / "sample")
    return (folder / "sample").read_bytes()


def _pictures(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(pdf)
    try:
        kinds = [thing.type for page in document for thing in page.get_objects()]
        return kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE)
    finally:
        document.close()


def test_a_mail_has_its_head_its_body_and_its_picture(offices: Offices, tmp_path: Path) -> None:
    pdf = _pdf(offices, _made(letters.mail, tmp_path), EML)
    text = text_of(pdf)
    for piece in (
        "Rowan: heating is back, £49 paid",
        "Ana Müller <a.muller@springfield.school.test>",
        "Duty Worker <duty@council.test>",
        "Dr Pat O'Neill <p.oneill@surgery.test>",
        "Monday 13 April 2026, 09:42 (UTC+01:00)",
        "2 attachments telephone call.txt (361 bytes)",
        "How is Rowan? (",
        "the heating is back on since Friday.",
    ):
        assert piece in text, text
    assert "A script ran" not in text
    assert _pictures(pdf) == 1


def test_outlooks_mail_has_them_too(offices: Offices, tmp_path: Path) -> None:
    pdf = _pdf(offices, _made(letters.outlook, tmp_path), MSG)
    assert "Tuesday 14 April 2026, 08:30 (UTC)" in text_of(pdf)
    assert "The school paid £49 for the meter." in text_of(pdf)
    assert _pictures(pdf) == 1


@pytest.mark.parametrize(
    ("document", "kind", "text"),
    [
        (b"Subject: x\r\n\r\nfirst\r\n  <second> \xa35", EML, "<second> £5"),
        (b"Subject: x\r\nFrom: a@b.test\r\n\r\n", EML, "[This message has no text.]"),
        (b"Subject: x\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nx", EML, "is encrypted"),
        (winmail(), TNEF, "Hi"),
        (msg(OutlookMessage("x", ("A", "a@b.test"), [], SENT, rtf=b"{\\rtf1 Rich \\'a35}")), MSG, "Rich £5"),
        (
            msg(OutlookMessage("\u00fcber \U0001f600", ("A", "a@b.test"), [], SENT, rtf=b"{\\rtf1 x}")),
            MSG,
            "über",
        ),
    ],
    ids=["plain", "no-text", "encrypted", "winmail", "rtf", "rtf-head"],
)
def test_every_form_of_body_is_shown(offices: Offices, document: bytes, kind: Kind, text: str) -> None:
    assert text in text_of(_pdf(offices, document, kind))


def test_a_long_list_of_addresses_stays_readable(offices: Offices) -> None:
    people = ", ".join(f"Person {n} <p{n}@council.test>" for n in range(1, 1001))
    text = text_of(_pdf(offices, f"From: a@b.test\r\nTo: {people}\r\n\r\nHi".encode(), EML))
    assert f"and {1000 - MAX_ADDRESSES_SHOWN} more" in text
    assert text.count("@council.test") == MAX_ADDRESSES_SHOWN


def test_a_saved_page_has_its_picture(offices: Offices, tmp_path: Path) -> None:
    pdf = _pdf(offices, _made(letters.web_archive, tmp_path), MHT)
    assert "Monday to Thursday 15:00 to 18:00" in text_of(pdf)
    assert _pictures(pdf) == 1


def test_a_web_page_is_shown_without_what_is_elsewhere(offices: Offices, tmp_path: Path) -> None:
    pdf = _pdf(offices, _made(letters.web_page, tmp_path), HTML)
    assert "After-school care, £12.50 a day." in text_of(pdf)
    assert "[Picture: The way to the nursery]" in text_of(pdf)
    assert _pictures(pdf) == 0


@pytest.fixture
def asked() -> Iterator[Asked]:
    with Asked() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


_REACHING = """<html><head><base href="{at}">
<meta http-equiv="refresh" content="0;url={at}refresh">
<link rel="stylesheet" href="{at}sheet.css"><style>@import "{at}import.css";
body {{background: url({at}back)}} </style>
<script src="{at}script.js"></script></head><body background="{at}body.png"
style="background:url({at}b)">
<img src="{at}image.png"><img src="cid:{at}cid.png"><iframe src="{at}frame"></iframe>
<object data="{at}object"></object><embed src="{at}embed">
<table background="{at}table.png"><tr><td>Seen</td></tr></table>
<a href="{at}link">link</a>
<input type="image" src="{at}input.png"><sdfield type="{at}field">
<svg><image href="{at}svg.png"/></svg><video poster="{at}poster"></video>
<p style="list-style: url({at}l)">x</p>
"""


def test_nothing_is_fetched_and_no_file_is_shown(offices: Offices, asked: Asked, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("nobody's business")
    (tmp_path / "secret.png").write_bytes(samples.picture("PNG"))
    for at in (
        f"http://127.0.0.1:{asked.server_port}/",
        f"{tmp_path.as_uri()}/secret.png?",
        secret.as_uri() + "?",
    ):
        page = _REACHING.format(at=at)
        rich = f'{{\\rtf1 Seen {{\\field{{\\*\\fldinst INCLUDEPICTURE "{at}"}}{{\\fldrslt}}}}}}'.encode()
        mail = EmailMessage()
        mail["From"] = "a@b.test"
        mail.set_content(page, subtype="html")
        for document, kind in (
            (page.encode(), HTML),
            (mail.as_bytes(), EML),
            (b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
             + page.encode() + b"\r\n--b--", MHT),
            (msg(OutlookMessage("x", ("A", "a@b.test"), [], SENT, html=page.encode())), MSG),
            (msg(OutlookMessage("x", ("A", "a@b.test"), [], SENT, rtf=rich)), MSG),
        ):  # fmt: skip
            pdf = _pdf(offices, document, kind)
            assert "Seen" in text_of(pdf)
            assert "nobody" not in text_of(pdf)
            assert kind == MSG or _pictures(pdf) == 0
    assert asked.paths == []


@pytest.mark.parametrize(
    ("document", "kind", "error"),
    [
        (b"x", MSG, Corrupt),
        (b"x", TNEF, Corrupt),
        (b"Content-Type: multipart/related; boundary=b\r\n\r\nx", MHT, Corrupt),
        (b"<html>" + b"x" * 100_000_000, HTML, TooLarge),
        (b"Content-Type: text/html\r\n\r\n" + b"<p>" * 10_000_000, EML, TooLarge),
    ],
    ids=["msg", "tnef", "mht", "html-100-mb", "mail-30-mb"],
)
def test_hostile_ones_end_typed_before_any_office_sees_them(
    document: bytes, kind: Kind, error: type[Exception]
) -> None:
    with pytest.raises(error):
        TABLE[kind.name].read(as_kind(document, kind))


def _mail_of_parts(headers: str, parts: int) -> bytes:
    part = f"--b\r\n{headers}\r\n\r\nx\r\n"
    top = "From: a@b.test\r\nTo: c@d.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return (top + part * parts + "--b--").encode()


@pytest.mark.parametrize(
    "document",
    [
        _mail_of_parts("Content-Type: text/plain" + ";a=1" * 3900, 250),
        _mail_of_parts("Content-Type: text/plain; name=" + '";' * 7900, 250),
        _mail_of_parts("Content-Disposition: attachment" + "".join(f"; a*{n}*=x" for n in range(1500)), 180),
        _mail_of_parts("Content-Description: " + "=?u?q?" * 2600, 250),
        b"From: a@b.test\r\nTo: " + b'"\\"' * 170_000 + b"\r\n\r\nHi",
        b"From: a@b.test\r\nTo: " + b"<" * 500_000 + b"\r\n\r\nHi",
        b"From: a@b.test\r\nSubject: " + b"=?u?q?" * 80_000 + b"\r\n\r\nHi",
        b"From: a@b.test\r\nTo: c@d.test" + b"\r\n x" * 30_000 + b"\r\n\r\nHi",
    ],
    ids=["parameters", "quotes", "pieces", "words", "addresses", "brackets", "subject", "folds"],
)
def test_a_mail_that_would_take_long_does_not(document: bytes) -> None:
    assert outcome_within_limits(document, seconds=20) == SHOWN


def test_headers_without_end_are_refused() -> None:
    with pytest.raises(TooLarge):
        TABLE["eml"].read(as_kind(_mail_of_parts("X: " + "x" * 400_000, 12), EML))


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<meta charset=utf-8>£".encode(), "£"),
        ("<meta charset=windows-1251>Привет".encode("cp1251"), "Привет"),
        ("<meta charset=utf-8>£5".encode("cp1252"), "£5"),
        ("<meta charset=utf-16>£5".encode(), "£5"),
        ("<p>Привет".encode("utf-16"), "Привет"),
        ("<?xml version='1.0' encoding='no-such'?>£".encode(), "£"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_is_in(page: bytes, text: str) -> None:
    assert page_text(page).endswith(text)


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        (SENT, "Wednesday 4 March 2026, 14:05 (UTC)"),
        (SENT.astimezone(timezone(timedelta(hours=-3.5))), "Wednesday 4 March 2026, 10:35 (UTC-03:30)"),
        (SENT.replace(tzinfo=None), "Wednesday 4 March 2026, 14:05 (time zone not told)"),
        (None, "not known"),
    ],
)
def test_times_are_written_with_their_zone(sent: datetime | None, written: str) -> None:
    assert format_sent(sent) == written


def test_an_attachment_is_named_in_words_only(offices: Offices) -> None:
    message = OutlookMessage(
        "x", ("A", "a@b.test"), [], SENT, text="Hi", attachments=[Attached("<b>\u202e.doc", b"1")]
    )
    assert "Attachment <b> .doc (1 byte)" in text_of(_pdf(offices, msg(message), MSG))
