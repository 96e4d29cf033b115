"""Messages as they travel: what is read of good ones, and how bad ones end."""

import time
from contextlib import suppress
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.errors import Problem, TooLarge
from viewer.formats.mail.eml import read_eml
from viewer.formats.mail.message import MAX_ATTACHMENTS, Message, file_name


def _read(body: str | bytes, *headers: str) -> Message:
    head = "".join(f"{header}\r\n" for header in headers).encode()
    return read_eml(head + b"\r\n" + (body.encode() if isinstance(body, str) else body))


def _mixed(*parts: str) -> Message:
    pieces = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return _read(f"{pieces}--b--\r\n", "Content-Type: multipart/mixed; boundary=b")


def test_the_head_is_read_with_its_encoded_words() -> None:
    message = _read(
        "Hi",
        'From: "Müller, Ana" <a@b.test>',
        "To: =?utf-8?q?M=C3=BCller=2C_Bo?= <b@b.test>, c@d.test,",
        " undisclosed-recipients:;",
        "Subject: =?utf-8?b?w7xiZXI=?= =?iso-8859-1?q?_=A35?=\r\n und so",
        "Date: Wed, 4 Mar 2026 14:05:00 +0100",
    )
    assert message.sender == "Müller, Ana <a@b.test>"
    assert message.to == ("Müller, Bo <b@b.test>", "c@d.test", "undisclosed-recipients:")
    assert message.subject == "über £5 und so"
    assert message.sent is not None
    assert message.sent.isoformat() == "2026-03-04T14:05:00+01:00"


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Wed, 99 Mar 2026 14:05:00 +0100", "Wed, 4 Mar 20260 1:1:1 +9999"]
)
def test_an_odd_date_is_no_date(date: str) -> None:
    assert _read("Hi", f"Date: {date}").sent is None


@pytest.mark.parametrize(
    ("declared", "body"),
    [
        ("utf-8", "£5 für Müller".encode("cp1252")),
        ("us-ascii", "£5 für Müller".encode()),
        ("no-such-charset", "£5 für Müller".encode()),
        ("iso-8859-1", "£5 für Müller".encode()),
        ("utf-16-be", "£5 für Müller".encode("utf-16-be")),
    ],
)
def test_a_wrongly_declared_encoding_costs_no_letter(declared: str, body: bytes) -> None:
    assert _read(body, f"Content-Type: text/plain; charset={declared}").text == "£5 für Müller"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", "SGVsbG8\r\n gd29ybGQ="),
        ("base64", "SGVsbG8!!gd29ybGQ"),
        ("quoted-printable", "Hel=\r\nlo=20world"),
        ("8bit", "Hello world"),
        ("nonsense", "Hello world"),
    ],
)
def test_transfer_encodings_are_undone_broken_ones_too(encoding: str, body: str) -> None:
    assert _read(body, f"Content-Transfer-Encoding: {encoding}").text == "Hello world"


def test_html_and_plain_text_parts_are_all_shown() -> None:
    message = _mixed(
        "Content-Type: text/html\r\n\r\n<p>One</p>", "\r\nTwo <3", "Content-Type: text/plain\r\n\r\nThree"
    )
    assert message.html is not None
    assert message.html.startswith("<p>One</p><hr>")
    assert "Two &lt;3" in message.html
    assert "Three" in message.html


def test_each_attachment_has_its_number_name_and_size() -> None:
    message = EmailMessage()
    message.set_content("Hi")
    message.add_attachment(b"123", "application", "pdf", filename="Bericht über £5.pdf")
    inner = EmailMessage()
    inner["Subject"], inner["From"] = "Earlier", "a@b.test"
    inner.set_content("Before")
    message.add_attachment(inner)
    attachments = read_eml(message.as_bytes()).attachments
    assert [(one.name, one.media_type) for one in attachments] == [
        ("Bericht über £5.pdf", "application/pdf"),
        ("Earlier", "message/rfc822"),
    ]
    assert attachments[0].read() == b"123"
    assert read_eml(attachments[1].read()).text == "Before\n"


@pytest.mark.parametrize(
    ("untrusted", "shown"),
    [
        ("..\\..\\etc/passwd", "passwd"),
        ("C:\\Users\\me\\letter.doc", "letter.doc"),
        ("invoice\u202ecod.exe", "invoice cod.exe"),
        ("a\r\nb\x00c.txt", "a b c.txt"),
        ("", "attachment 3"),
        ("/", "attachment 3"),
        ("x" * 1000, "x" * 255),
    ],
)
def test_a_name_is_for_showing_only(untrusted: str, shown: str) -> None:
    assert file_name(untrusted, 3) == shown


def _nested(depth: int) -> bytes:
    lines = [
        f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n" for level in range(depth)
    ]
    return "".join(lines).encode() + b"\r\nHi"


@pytest.mark.parametrize(
    "message",
    [
        _nested(1000),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 1_000_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: a/b\r\n\r\nx\r\n" * (MAX_ATTACHMENTS + 1),
        b"X: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"X: y\r\n" * 200_000 + b"\r\n",
    ],
    ids=["nested", "a-million-parts", "attachments", "long-header", "many-headers"],
)
def test_bombs_are_refused(message: bytes) -> None:
    with pytest.raises(TooLarge):
        read_eml(message)


@pytest.mark.parametrize(
    "message",
    [
        b"To: " + b"<" * 400_000 + b"\r\n\r\nHi",
        b"To: " + b'"' * 400_000 + b"\r\n\r\nHi",
        b"To: " + b"a@b.test," * 40_000 + b"\r\n\r\nHi",
        b"Subject: " + b"=?utf-8?q?a?= " * 30_000 + b"\r\n\r\nHi",
        b"Subject: " + b"=?" * 200_000 + b"\r\n\r\nHi",
        b"Content-Type: multipart/mixed; " + b'x="' * 100_000 + b"\r\n\r\nHi",
        b"Content-Type: text/plain; " + b";" * 400_000 + b"\r\n\r\nHi",
        b"From: a@b.test\r\n\r\n" + b"\r\n" * 5_000_000,
        b"Content-Type: text/plain; charset=Punycode\r\n\r\n" + b"a" * 1_000_000 + b"-" + b"b" * 1_000_000,
    ],
    ids=[
        "brackets",
        "quotes",
        "addresses",
        "words",
        "half-words",
        "parameters",
        "semicolons",
        "lines",
        "no-charset",
    ],
)
def test_odd_headers_end_soon(message: bytes) -> None:
    """In seconds; what grows with the square of such a size takes hours."""
    started = time.process_time()
    with suppress(Problem):
        assert isinstance(read_eml(message), Message)
    assert time.process_time() - started < 60


_HEADERS = st.sampled_from(
    [
        *(b"Content-Type: multipart/mixed; boundary=b", b'Content-Type: multipart/related; boundary="b"'),
        *(
            b"Content-Type: text/html; charset=utf-16",
            b"Content-Type: text/rtf",
            b"Content-Type: message/rfc822",
        ),
        *(b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable"),
        *(
            b"To: =?utf-8?b?x?=",
            b"Subject: =?x?q?=FF?=",
            b"Content-Disposition: attachment; filename*=a'b'%ff",
        ),
        *(
            b'From: "',
            b"Date: 0",
            b"Content-ID: <>",
            b"Content-Type: ;;",
            b"",
            b"--b",
            b"--b--",
            b"\x78\x9f\x3e\x22",
        ),
    ]
)


@given(st.lists(st.one_of(_HEADERS, st.binary(max_size=60)), max_size=25))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_any_lines_end_in_a_letter_or_a_typed_refusal(lines: list[bytes]) -> None:
    with suppress(Problem):
        message = read_eml(b"\r\n".join(lines))
        for one in message.attachments:
            assert len(one.read()) == one.size
