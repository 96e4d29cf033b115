"""Signed and encrypted messages (S/MIME and PGP): what is opened, and what is said of it."""

import base64
from contextlib import suppress
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from demo.outlook import Attached, OutlookMessage, msg
from tests.viewer.formats.mail.written import HEADERS, SENT
from tests.viewer.formats.opening import extract, notes, parts, read
from viewer.errors import Corrupt, Problem, UnsupportedType
from viewer.formats.mail import cms
from viewer.formats.mail.reading import ENCRYPTED, SIGNED

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
        HEADERS.encode() + _smime(_signed(_INNER)),
        HEADERS.encode() + _smime(_in_pieces(_INNER)),
        HEADERS.encode() + _smime(_signed(_smime(_signed(_INNER)))),
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
        message = HEADERS + (
            "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\n"
            "Hi\r\n--s\r\n"
            f"Content-Type: application/{kind}; name=x\r\n\r\nx\r\n--s--\r\n"
        )
        assert (notes(message.encode()), parts(message.encode())) == ((SIGNED,), ())


@pytest.mark.parametrize(
    "message",
    [
        HEADERS.encode() + _smime(_encrypted(), "enveloped-data"),
        HEADERS.encode() + _smime(_signed(_smime(_encrypted()))),
        _outlooks(_encrypted(), "IPM.Note.SMIME"),
        _encrypted(),
        HEADERS.encode() + b"Content-Type: multipart/encrypted; boundary=e\r\n\r\n--e\r\nContent-Type: "
        b"application/pgp-encrypted\r\n\r\n"
        b"Version: 1\r\n--e\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\nx\r\n"
        b"--e--\r\n",
    ],
    ids=["eml", "signed-around", "msg", "file", "pgp"],
)
def test_only_encrypted_messages_are_called_encrypted(message: bytes) -> None:
    reading, made = read(message)
    assert ENCRYPTED in reading.notes
    assert b"is encrypted" in made


def test_a_signed_file_of_another_kind_opens_as_its_part() -> None:
    reading, _ = read(_signed(b"%PDF-1.7 and so on"))
    assert (reading.is_listing, len(reading.parts), reading.notes) == (True, 1, (SIGNED,))
    assert extract(_signed(b"%PDF-1.7 and so on"), 1)[1] == b"%PDF-1.7 and so on"


def test_a_signature_without_content_is_refused() -> None:
    with pytest.raises(UnsupportedType):
        read(_signed(_INNER, pkcs7.PKCS7Options.DetachedSignature))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_a_truncated_signed_file_is_refused(share: float) -> None:
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
def test_malformed_cms_ends_in_none_or_a_typed_refusal(body: bytes) -> None:
    with suppress(Problem):
        assert cms.unwrap(body) is None
