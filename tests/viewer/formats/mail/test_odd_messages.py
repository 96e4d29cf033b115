"""Messages as programs and people leave them: odd headers, misnamed bodies, wrong encodings, uuencode."""

import binascii
from email.message import EmailMessage

import pytest

from demo.outlook import OutlookMessage, msg
from tests.viewer.formats.mail.written import HEADERS, MIXED_MESSAGE, SENT, page_of
from tests.viewer.formats.opening import extract, notes, parts, recognised
from viewer.formats.mail.eml import read_eml
from viewer.formats.mail.page import body_fragment


@pytest.mark.parametrize(
    "message",
    [
        " " * 900 + "\r\n" + MIXED_MESSAGE,
        "\r\n\t\r\n" + MIXED_MESSAGE,
        "\ufeff" + MIXED_MESSAGE,
        "Saved by a program on Tuesday\r\n" + MIXED_MESSAGE,
        "Saved by a program on Tuesday\r\n\r\n" + MIXED_MESSAGE,
        MIXED_MESSAGE.replace("From: Ana", "quite Delivered-To: b@council.test\r\nFrom: Ana"),
        MIXED_MESSAGE.replace("Subject: Visit", "Subject: =?utf-8?q?Vi?=\r\n=?utf-8?q?sit?="),
        MIXED_MESSAGE.replace("Date:", "goes on without being indented\r\nDate:"),
        MIXED_MESSAGE.replace("\r\n", "\r\r\n"),
        MIXED_MESSAGE.replace("\r\n", "\r"),
        ">From b@council.test Tue Mar  3 09:00:00 2026\r\n" + MIXED_MESSAGE,
    ],
    ids=["blanks", "tabs", "mark", "line", "line-apart", "word", "fold", "fold-2", "ends", "mac", "from"],
)
def test_odd_lines_before_and_among_the_headers_do_not_hide_the_message(message: str) -> None:
    assert recognised(message.encode()).name == "eml"
    parsed = read_eml(message.encode())
    assert parsed.subject.startswith("Visit")
    assert parsed.sender == "Ana <a@school.test>"
    assert [part.name for part in parts(message.encode())] == ["dates.csv"]
    assert "On Friday." in page_of(message)
    assert "Content-Type" not in page_of(message)


@pytest.mark.parametrize(
    "text",
    [
        "Dear Bo\nFrom: Monday\nTo: Friday\nSubject: none\n\nA note.\n",
        "Some notes\nDate: Tuesday\nTo: do\n\nA note.\n",
        "Message-ID: is a word\nso they said\nand so on\nDate: x\n\nA note.\n",
    ],
)
def test_a_text_with_colons_stays_a_text(text: str) -> None:
    assert recognised(text.encode()).name == "txt"


def test_a_body_is_read_where_no_blank_line_separates_it_from_the_headers() -> None:
    assert "Hello there" in (read_eml(HEADERS.encode() + b"Hello there\r\nBye\r\n").text or "")


# Bodies


def test_an_empty_html_part_does_not_hide_the_text() -> None:
    for html in (
        "<html><body>&nbsp;<br></body></html>",
        "<style>p{}</style><script>x</script>",
        "<img src=https://x.test/a width=1 height=1>",
        "<img src=https://x.test/logo.png>",
    ):
        message = EmailMessage()
        message["From"], message["To"] = "a@b.test", "c@d.test"
        message.set_content("The real text")
        message.add_alternative(html, subtype="html")
        assert "The real text" in page_of(message.as_bytes())
    outlook = OutlookMessage(
        "x", ("A", "a@b.test"), [], SENT, text="The real text", html=b"<html><p>\xa0</html>"
    )
    assert "The real text" in page_of(msg(outlook))


@pytest.mark.parametrize(
    "headers",
    [
        'Content-Type: text/plain; name="fax.txt"\r\nContent-Disposition: inline; filename="fax.txt"',
        'Content-Type: text/plain; name="fax.txt"',
        'Content-Type: text/plain; name="fax.txt"\r\nContent-Disposition: attachment',
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            'Content-Type: text/plain; name="fax.txt"\r\n'
            "Content-Disposition: inline"
        ),
        "Content-Type: multipart/mixed\r\n\r\n--guessed\r\nContent-Type: text/plain",
        "Content-Type: multipart/mixed; boundary=other\r\n\r\n--guessed\r\nContent-Type: text/plain",
        "Content-Type: multipart/mixed",
        "Content-Type: multipart/mixed; boundary=none",
    ],
)
def test_a_text_part_with_a_file_name_is_still_the_body(headers: str) -> None:
    message = read_eml(f"{HEADERS}{headers}\r\n\r\nThe real text\r\n".encode())
    assert "The real text" in body_fragment(message).html


def test_a_text_with_a_name_after_the_body_is_attached() -> None:
    message = EmailMessage()
    message["From"] = "a@b.test"
    message.set_content("Body")
    message.add_attachment("note", filename="note.txt", disposition="inline")
    parsed = read_eml(message.as_bytes())
    assert (parsed.text, [one.name for one in parsed.attachments]) == ("Body\n", ["note.txt"])


def test_mime_parts_behind_an_early_end_boundary_are_read() -> None:
    message = HEADERS + (
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nOne\r\n--b--\r\n--b\r\n\r\nTwo\r\n"
        "--b--\r\nThree\r\n"
    )
    text = read_eml(message.encode()).text or ""
    for word in ("One", "Two", "Three"):
        assert word in text


@pytest.mark.parametrize(
    ("charset", "own", "encoding"),
    [
        ("", "windows-1254", "cp1254"),
        ("us-ascii", "iso-8859-9", "iso-8859-9"),
        ("iso-8859-1", "windows-1250", "cp1250"),
        ("windows-1252", "utf-8", "utf-8"),
        ("windows-1254", "windows-1252", "cp1254"),
        ("utf-8", "windows-1254", "utf-8"),
        ("iso-8859-8-i", "", "iso-8859-8"),
    ],
)
def test_html_is_decoded_by_its_own_charset(charset: str, own: str, encoding: str) -> None:
    words = {"cp1250": "Świętokrzyska źródło", "iso-8859-8": "שלום"}.get(encoding, "Şule Yılmaz ağır")  # noqa: RUF001 - as it is written
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={own}">'
    html = f"<html><head>{meta}</head><p>{words}</html>"
    header = f"Content-Type: text/html{'; charset=' if charset else ''}{charset}\r\n\r\n"
    assert words in (read_eml(HEADERS.encode() + header.encode() + html.encode(encoding)).html or "")


def test_html_of_outlook_is_decoded_by_its_own_charset() -> None:
    html = '<html><head><meta charset="utf-8"></head><p>Şule Café</html>'.encode()
    message = OutlookMessage("x", ("A", "a@b.test"), [], SENT, html=html, more={0x3FDE: 28591})
    assert "Şule Café" in page_of(msg(message))


def _uuencoded(name: str, body: bytes, *, stripped: bool = False) -> str:
    lines = [binascii.b2a_uu(body[at : at + 45]).decode() for at in range(0, len(body), 45)]
    written = "".join(f"{line.rstrip()}\n" if stripped else line for line in lines)
    end = "end\n" if stripped else "`\nend\n"
    return f"begin 644 {name}\n{written}{end}"


@pytest.mark.parametrize("stripped", [False, True])
def test_uuencoded_files_are_attachments(*, stripped: bool) -> None:
    body = bytes(range(256)) * 3 + b"\0\0\0"
    note, other = _uuencoded("note.txt", body, stripped=stripped), _uuencoded("b c.bin", b"x")
    text = f"Before\n\n{note}\nBetween\n{other}After\n"
    message = (HEADERS + "\r\n" + text).encode()
    assert [(part.name, part.size) for part in parts(message)] == [("note.txt", len(body)), ("b c.bin", 1)]
    assert extract(message, 1) == ("note.txt", body)
    page = page_of(message)
    for word in ("Before", "Between", "After"):
        assert word in page
    assert "begin 644" not in page
    assert notes(message) == ()


def test_a_sentence_that_begins_with_begin_is_not_uuencoded() -> None:
    message = (HEADERS + "\r\nbegin 644 and then\nwe went home, she said, and so on.\nend\n").encode()
    assert "begin 644 and then" in page_of(message)
    assert parts(message) == ()
