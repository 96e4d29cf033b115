"""Messages as programs and people leave them: odd headers, mailboxes, signatures, named bodies, cut ends."""

import base64
import binascii
import gzip
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from demo.outlook import Attached, OutlookMessage, msg
from tests.viewer.formats.mail.test_outlook import winmail
from tests.viewer.formats.opening import SHOWN, extract, notes, outcome_within_limits, parts, read, recognised
from viewer.errors import Corrupt, Problem, UnsupportedType
from viewer.formats.mail import cms
from viewer.formats.mail.eml import read_eml
from viewer.formats.mail.page import body_fragment
from viewer.formats.mail.reading import ENCRYPTED, SIGNED, TRUNCATED

SENT = datetime(2026, 3, 4, 14, 5, tzinfo=UTC)
_TRAVELLED = (
    "Received: from a by b; Tue, 3 Mar 2026 09:00:00 +0000\r\nFrom: Ana <a@school.test>\r\n"
    "To: Bo <b@council.test>\r\nSubject: Visit\r\nDate: Tue, 3 Mar 2026 09:00:00 +0000\r\n"
    "Message-ID: <1@school.test>\r\nMIME-Version: 1.0\r\n"
)
_MIXED = (
    "Content-Type: multipart/mixed; "
    'boundary="m"\r\n\r\n--m\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    "On Friday.\r\n--m\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; "
    "filename=dates.csv\r\n\r\n"
    "a,b\r\n--m--\r\n"
)
_WHOLE = _TRAVELLED + _MIXED


def _page(body: bytes | str) -> str:
    return read(body.encode() if isinstance(body, str) else body)[1].decode()


@pytest.mark.parametrize(
    "message",
    [
        " " * 900 + "\r\n" + _WHOLE,
        "\r\n\t\r\n" + _WHOLE,
        "\ufeff" + _WHOLE,
        "Saved by a program on Tuesday\r\n" + _WHOLE,
        "Saved by a program on Tuesday\r\n\r\n" + _WHOLE,
        _WHOLE.replace("From: Ana", "quite Delivered-To: b@council.test\r\nFrom: Ana"),
        _WHOLE.replace("Subject: Visit", "Subject: =?utf-8?q?Vi?=\r\n=?utf-8?q?sit?="),
        _WHOLE.replace("Date:", "goes on without being indented\r\nDate:"),
        _WHOLE.replace("\r\n", "\r\r\n"),
        _WHOLE.replace("\r\n", "\r"),
        ">From b@council.test Tue Mar  3 09:00:00 2026\r\n" + _WHOLE,
    ],
    ids=["blanks", "tabs", "mark", "line", "line-apart", "word", "fold", "fold-2", "ends", "mac", "from"],
)
def test_odd_lines_before_and_among_the_headers_do_not_hide_the_message(message: str) -> None:
    assert recognised(message.encode()).name == "eml"
    parsed = read_eml(message.encode())
    assert parsed.subject.startswith("Visit")
    assert parsed.sender == "Ana <a@school.test>"
    assert [part.name for part in parts(message.encode())] == ["dates.csv"]
    assert "On Friday." in _page(message)
    assert "Content-Type" not in _page(message)


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


def test_a_body_without_a_blank_line_before_it_is_read() -> None:
    assert "Hello there" in (read_eml(_TRAVELLED.encode() + b"Hello there\r\nBye\r\n").text or "")


# Mailboxes


def _mailbox(*bodies: str) -> bytes:
    return "".join(
        f"From b@council.test Tue Mar  3 09:0{number}:00 2026\n"
        f"From: Ana <a@school.test>\nTo: b@council.test\nSubject: About {number}\n"
        f"Date: Tue, 3 Mar 2026 09:0{number}:00 +0000\nMessage-ID: <{number}@x.test>\n{body}\n\n"
        for number, body in enumerate(bodies, 1)
    ).encode()


def test_a_mailbox_is_a_list_of_messages_each_of_which_opens() -> None:
    html = (
        "MIME-Version: 1.0\nContent-Type: multipart/alternative; "
        'boundary="q"\n\n--q\nContent-Type: text/plain\n\n'
        "plain\n--q\nContent-Type: text/html\n\n<p>The second\n--q--\n"
    )
    mailbox = _mailbox("\nThe first\n\n>From here on it is quoted.", html, "\nThe third")
    reading, made = read(mailbox)
    assert (reading.kind, reading.label) == ("mbox", "Mailbox")
    assert [part.name for part in reading.parts] == [f"2026-03-03 09.0{n} About {n}" for n in (1, 2, 3)]
    assert reading.notes == ("This is a mailbox of 3 messages; each opens by itself, with its attachments.",)
    for words in (b"The first", b"The second", b"The third", b"About 3", b"Message 2 of 3"):
        assert words in made
    assert b"Message-ID" not in made
    name, body = extract(mailbox, 1)
    assert name == "2026-03-03 09.01 About 1"
    assert read_eml(body).text == "The first\n\nFrom here on it is quoted.\n"
    assert recognised(extract(mailbox, 3)[1]).name == "eml"
    assert not read_eml(extract(mailbox, 2)[1]).is_truncated


def test_a_mailbox_of_one_message_is_that_message() -> None:
    mailbox = f"From a@b.test Tue Mar  3 09:01:00 2026\n{_WHOLE}".encode()
    assert [part.name for part in parts(mailbox)] == ["dates.csv"]
    assert extract(mailbox, 1) == ("dates.csv", b"a,b")


def test_a_sentence_that_begins_with_from_ends_no_message() -> None:
    mailbox = _mailbox("\nHello\n\nFrom what I heard:\nNote: nothing.", "\nBye")
    assert len(parts(mailbox)) == 2


def test_a_long_mailbox_is_listed_as_a_whole() -> None:
    reading, made = read(_mailbox(*["\nx"] * 9) * 10)
    assert len(reading.parts) == 90
    assert reading.notes[0].endswith("The first 50 are on the pages.")
    assert made.count(b"<h1>") == 51


def test_the_messages_of_a_digest_are_messages() -> None:
    digest = _TRAVELLED + (
        "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nFrom: a@b.test\r\nSubject: One\r\n"
        "\r\nHi\r\n--d--\r\n"
    )
    assert [(one.media_type, one.name) for one in read_eml(digest.encode()).attachments] == [
        ("message/rfc822", "One")
    ]


# Signed and encrypted messages

_INNER = (
    b"Content-Type: multipart/mixed; "
    b'boundary="i"\r\n\r\n--i\r\nContent-Type: text/plain\r\n\r\nIt is moved.\r\n'
    b"--i\r\nContent-Type: text/csv; name=dates.csv\r\nContent-Disposition: attachment\r\n\r\na,b\r\n"
    b"--i--\r\n"
)


def _signed(content: bytes, *options: pkcs7.PKCS7Options) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ana")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(SENT)
        .not_valid_after(SENT + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def _encrypted() -> bytes:
    return bytes.fromhex("3080 06092a864886f70d010703 a080 3080 020100") + bytes(200)


def _in_pieces(content: bytes) -> bytes:
    """As programs write that do not know the length before: in pieces with marks (X.690, 8.1.3.6)."""
    half = len(content) // 2
    pieces = b"".join(
        b"\x04\x82" + len(piece).to_bytes(2, "big") + piece for piece in (content[:half], content[half:])
    )
    signed_data = bytes.fromhex("06092a864886f70d010702")
    data = bytes.fromhex("06092a864886f70d010701")
    return (
        b"\x30\x80" + signed_data + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80" + data
        + b"\xa0\x80\x24\x80" + pieces
        + bytes(6) + b"\x31\x00" + bytes(6)
    )  # fmt: skip


def _smime(body: bytes, kind: str = "signed-data") -> bytes:
    head = (
        f"Content-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m\r\n"
        "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=smime.p7m\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(body)


def _outlooks(body: bytes, kind: str) -> bytes:
    return msg(
        OutlookMessage(
            "Visit", ("Ana", "a@school.test"), [], SENT,
            attachments=[Attached("smime.p7m", body, "multipart/signed")], more={0x001A: kind},
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    "message",
    [
        _TRAVELLED.encode() + _smime(_signed(_INNER)),
        _TRAVELLED.encode() + _smime(_in_pieces(_INNER)),
        _TRAVELLED.encode() + _smime(_signed(_smime(_signed(_INNER)))),
        _outlooks(_signed(_INNER), "IPM.Note.SMIME"),
        _outlooks(_smime(_signed(_INNER)), "IPM.Note.SMIME"),
        _signed(_INNER),
        _in_pieces(_INNER),
        base64.encodebytes(_signed(_INNER)),
        b"-----BEGIN PKCS7-----\n" + base64.encodebytes(_signed(_INNER)) + b"-----END PKCS7-----\n",
    ],
    ids=["eml", "pieces", "twice", "msg", "msg-mime", "file", "file-pieces", "file-base64", "file-pem"],
)
def test_a_signed_message_is_opened_and_called_signed(message: bytes) -> None:
    reading, made = read(message)
    assert reading.notes == (SIGNED,)
    assert [part.name for part in reading.parts] == ["dates.csv"]
    assert b"It is moved." in made
    assert b"encrypted" not in made
    assert extract(message, 1) == ("dates.csv", b"a,b")


def test_a_message_with_its_signature_beside_it_is_called_signed() -> None:
    for kind in ("pkcs7-signature", "pgp-signature"):
        message = _TRAVELLED + (
            "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\n"
            "Hi\r\n--s\r\n"
            f"Content-Type: application/{kind}; name=x\r\n\r\nx\r\n--s--\r\n"
        )
        assert (notes(message.encode()), parts(message.encode())) == ((SIGNED,), ())


@pytest.mark.parametrize(
    "message",
    [
        _TRAVELLED.encode() + _smime(_encrypted(), "enveloped-data"),
        _TRAVELLED.encode() + _smime(_signed(_smime(_encrypted()))),
        _outlooks(_encrypted(), "IPM.Note.SMIME"),
        _encrypted(),
        _TRAVELLED.encode() + b"Content-Type: multipart/encrypted; boundary=e\r\n\r\n--e\r\nContent-Type: "
        b"application/pgp-encrypted\r\n\r\n"
        b"Version: 1\r\n--e\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\nx\r\n"
        b"--e--\r\n",
    ],
    ids=["eml", "signed-around", "msg", "file", "pgp"],
)
def test_only_what_is_encrypted_is_called_encrypted(message: bytes) -> None:
    reading, made = read(message)
    assert ENCRYPTED in reading.notes
    assert b"is encrypted" in made


def test_a_signed_file_of_another_kind_opens_as_its_part() -> None:
    reading, _ = read(_signed(b"%PDF-1.7 and so on"))
    assert (reading.is_listing, len(reading.parts), reading.notes) == (True, 1, (SIGNED,))
    assert extract(_signed(b"%PDF-1.7 and so on"), 1)[1] == b"%PDF-1.7 and so on"


def test_a_signature_alone_is_refused() -> None:
    with pytest.raises(UnsupportedType):
        read(_signed(_INNER, pkcs7.PKCS7Options.DetachedSignature))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_a_signed_file_that_is_cut_short_is_refused(share: float) -> None:
    whole = _signed(_INNER * 20)
    with pytest.raises(Corrupt):
        read(whole[: int(share * len(whole))])


@pytest.mark.parametrize(
    "body",
    [
        b"\x30\x80" * 3,
        bytes.fromhex("3080 06092a864886f70d010702 a080 3080 0201013100 3080 06092a864886f70d010701 a080")
        + b"\x24\x80" * 100_000,
        bytes.fromhex("3080 06092a864886f70d010702 a080 3080 020101") + b"\x30\x80" * 500_000,
        bytes.fromhex("3084ffffffff 06092a864886f70d010702"),
    ],
)
def test_a_hostile_wrapping_ends_typed(body: bytes) -> None:
    with suppress(Problem):
        assert cms.unwrap(body) is None


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
        assert "The real text" in _page(message.as_bytes())
    outlook = OutlookMessage(
        "x", ("A", "a@b.test"), [], SENT, text="The real text", html=b"<html><p>\xa0</html>"
    )
    assert "The real text" in _page(msg(outlook))


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
def test_a_text_is_the_body_whatever_it_is_called(headers: str) -> None:
    message = read_eml(f"{_TRAVELLED}{headers}\r\n\r\nThe real text\r\n".encode())
    assert "The real text" in body_fragment(message).html


def test_a_text_with_a_name_after_the_body_is_attached() -> None:
    message = EmailMessage()
    message["From"] = "a@b.test"
    message.set_content("Body")
    message.add_attachment("note", filename="note.txt", disposition="inline")
    parsed = read_eml(message.as_bytes())
    assert (parsed.text, [one.name for one in parsed.attachments]) == ("Body\n", ["note.txt"])


def test_parts_behind_an_early_end_are_read() -> None:
    message = _TRAVELLED + (
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
def test_html_is_read_in_the_encoding_that_it_names_itself(charset: str, own: str, encoding: str) -> None:
    words = {"cp1250": "Świętokrzyska źródło", "iso-8859-8": "שלום"}.get(encoding, "Şule Yılmaz ağır")  # noqa: RUF001 - as it is written
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={own}">'
    html = f"<html><head>{meta}</head><p>{words}</html>"
    header = f"Content-Type: text/html{'; charset=' if charset else ''}{charset}\r\n\r\n"
    assert words in (read_eml(_TRAVELLED.encode() + header.encode() + html.encode(encoding)).html or "")


def test_outlooks_html_is_read_in_the_encoding_that_it_names_itself() -> None:
    html = '<html><head><meta charset="utf-8"></head><p>Şule Café</html>'.encode()
    message = OutlookMessage("x", ("A", "a@b.test"), [], SENT, html=html, more={0x3FDE: 28591})
    assert "Şule Café" in _page(msg(message))


def _uuencoded(name: str, body: bytes, *, stripped: bool = False) -> str:
    lines = [binascii.b2a_uu(body[at : at + 45]).decode() for at in range(0, len(body), 45)]
    written = "".join(f"{line.rstrip()}\n" if stripped else line for line in lines)
    end = "end\n" if stripped else "`\nend\n"
    return f"begin 644 {name}\n{written}{end}"


@pytest.mark.parametrize("stripped", [False, True])
def test_files_written_into_the_text_are_attachments(*, stripped: bool) -> None:
    body = bytes(range(256)) * 3 + b"\0\0\0"
    note, other = _uuencoded("note.txt", body, stripped=stripped), _uuencoded("b c.bin", b"x")
    text = f"Before\n\n{note}\nBetween\n{other}After\n"
    message = (_TRAVELLED + "\r\n" + text).encode()
    assert [(part.name, part.size) for part in parts(message)] == [("note.txt", len(body)), ("b c.bin", 1)]
    assert extract(message, 1) == ("note.txt", body)
    page = _page(message)
    for word in ("Before", "Between", "After"):
        assert word in page
    assert "begin 644" not in page
    assert notes(message) == ()


def test_a_sentence_that_begins_with_begin_is_text() -> None:
    message = (_TRAVELLED + "\r\nbegin 644 and then\nwe went home, she said, and so on.\nend\n").encode()
    assert "begin 644 and then" in _page(message)
    assert parts(message) == ()


# Cut short

_LONG = ("We agreed to meet on Friday at the school, and to talk of the summer. " * 3 + "\r\n") * 12


def _of_every_form() -> dict[str, bytes]:
    both = EmailMessage()
    both["From"], both["To"], both["Message-ID"], both["Subject"] = "a@b.test", "c@d.test", "<1@x.test>", "x"
    both.set_content(_LONG)
    both.add_alternative(f"<html><body>{_LONG}</body></html>", subtype="html")
    both.add_attachment(gzip.compress(_LONG.encode()) * 20, "application", "gzip", filename="a.gz")
    outlook = OutlookMessage(
        "x", ("A", "a@b.test"), [], SENT, text=_LONG, attachments=[Attached("a", b"x" * 9000)]
    )
    return {
        "parts": both.as_bytes(),
        "text": (_TRAVELLED + "\r\n" + "".join(_LONG.split("\r\n"))).encode() + b"\r\n",
        "base64": (_TRAVELLED + "Content-Transfer-Encoding: base64\r\n\r\n").encode()
        + base64.b64encode(_LONG.encode()) + b"=\r\n",
        "html": (_TRAVELLED + f"Content-Type: text/html\r\n\r\n<html>{_LONG}</html>\r\n").encode(),
        "msg": msg(outlook),
        "winmail": winmail(),
        "page": f"<html><head><title>x</title></head><body>{_LONG}</body></html>".encode(),
        "archive": f"From: <Saved by x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; "
        f"boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html\r\n\r\n<html>{_LONG}</html>\r\n--b--\r\n".encode(),
        "calendar": f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nDESCRIPTION:{_LONG[:400]}\r\n"
        f"END:VEVENT\r\n"
        "END:VCALENDAR\r\n".encode(),
    }  # fmt: skip


@pytest.mark.parametrize("form", _of_every_form())
def test_what_is_cut_short_says_so_or_is_refused(form: str) -> None:
    whole = _of_every_form()[form]
    assert not any("cut short" in note for note in notes(whole))
    for cut in range(4, 20):
        part = whole[: len(whole) * cut // 20 + 1]
        try:
            reading, _ = read(part)
        except Problem:
            continue
        assert any("cut short" in note for note in reading.notes), (form, cut, reading)


def test_the_note_names_what_is_missing() -> None:
    assert notes(_WHOLE.encode()[:-8]) == (TRUNCATED,)


@pytest.mark.parametrize(
    "message",
    [
        _TRAVELLED.encode() + b"\r\n" + b"begin 644 x\n" * 200_000,
        _TRAVELLED.encode() + b"\r\n" + b"begin 644 x\n" + b"M" * 60 + (b"\nM" + b"5" * 60) * 100_000,
        b"From a@b.test 1:11\n" + _TRAVELLED.encode() + b"\n" + (b"From " + b" " * 180 + b"\n") * 50_000,
        _TRAVELLED.encode()
        + b"Content-Type: multipart/mixed\r\n\r\n"
        + (b"--x" + b" " * 190 + b"\n") * 50_000,
        _TRAVELLED.encode()
        + b"Content-Type: multipart/mixed\r\n\r\n--x\r\nA: b\r\n\r\n"
        + b"\r\n--x--\r\ny" * 1500,
        b"\r\n" * 2_000_000 + _TRAVELLED.encode(),
        _TRAVELLED.encode() + b"x\r\n" * 100_000 + b"Y: z\r\n\r\nHi",
    ],
    ids=["begins", "long-file", "mailbox", "boundaries", "ends", "blank-lines", "odd-lines"],
)
def test_messages_that_would_take_long_do_not(message: bytes) -> None:
    assert outcome_within_limits(message, seconds=20) in {SHOWN, "too_large", "unsupported_type", "corrupt"}
