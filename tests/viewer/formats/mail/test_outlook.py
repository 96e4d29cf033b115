"""Outlook's own files: .msg and winmail.dat, whole ones and hostile ones."""

import io
import struct
from contextlib import suppress
from datetime import UTC, datetime

import compressed_rtf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import writing
from demo.compound import compound
from demo.outlook import Attached, OutlookMessage, msg
from viewer.errors import Corrupt, Problem, TooLarge, UnsupportedType
from viewer.formats import ole
from viewer.formats.failures import corrupt_on
from viewer.formats.mail import rtf
from viewer.formats.mail.eml import read_eml
from viewer.formats.mail.kinds import TNEF_START
from viewer.formats.mail.message import MAX_ATTACHMENTS, Message
from viewer.formats.mail.msg import MAX_DEPTH, read_msg
from viewer.formats.mail.tnef import read_tnef

SENT = datetime(2026, 3, 4, 14, 5, tzinfo=UTC)


def _read_msg(body: bytes) -> Message:
    with corrupt_on(*ole.BROKEN):
        opened = ole.OleFile(io.BytesIO(body))
    return read_msg(opened, len(body))


def _message(subject: str = "Visit", **more: object) -> OutlookMessage:
    return OutlookMessage(subject, ("Müller, Ana", "a@b.test"), [("Bo", "b@b.test")], SENT, **more)  # type: ignore[arg-type]


def test_a_msg_is_read_with_its_people_its_time_and_its_attachments() -> None:
    message = _read_msg(
        msg(_message(text="Hi £5", attachments=[Attached("a.pdf", b"1" * 5000, content_id="x@y")]))
    )
    assert (message.subject, message.sender, message.to) == (
        "Visit",
        "Müller, Ana <a@b.test>",
        ("Bo <b@b.test>",),
    )
    assert message.sent == SENT
    assert message.text == "Hi £5"
    (one,) = message.attachments
    assert (one.name, one.size, set(one.content_ids), one.read()) == ("a.pdf", 5000, {"x@y"}, b"1" * 5000)


def test_the_senders_zone_is_kept_where_the_headers_are_there() -> None:
    message = _read_msg(msg(_message(more={0x007D: "Date: Wed, 4 Mar 2026 16:05:00 +0200\r\n\r\n"})))
    assert message.sent is not None
    assert message.sent.isoformat() == "2026-03-04T16:05:00+02:00"


def test_a_message_in_a_message_comes_out_as_one_that_opens_again() -> None:
    innermost = _message("Innermost", text="deep", attachments=[Attached("b.txt", b"note")])
    inner = _message(
        "Inner: über", html=b"<p>Hi</p>", attachments=[Attached("", innermost), Attached("a.txt", b"x")]
    )
    (one,) = _read_msg(msg(_message(attachments=[Attached("Inner", inner)]))).attachments
    assert one.media_type == "message/rfc822"
    message = read_eml(one.read())
    assert (message.subject, message.sender, message.to) == (
        "Inner: über",
        "Müller, Ana <a@b.test>",
        ("Bo <b@b.test>",),
    )
    assert (message.sent, message.html) == (SENT, "<p>Hi</p>")
    assert [attachment.name for attachment in message.attachments] == ["message 1", "a.txt"]
    deepest = read_eml(message.attachments[0].read())
    assert (deepest.subject, deepest.text) == ("Innermost", "deep")
    assert deepest.attachments[0].read() == b"note"


def test_html_in_rtf_is_deencapsulated() -> None:
    message = _read_msg(msg(_message(rtf=writing.MAIL_RTF.encode("ascii"))))
    assert message.rtf is None
    assert message.html is not None
    assert "since Friday. The school paid &pound;49 for the meter.</p>" in message.html
    assert "is <b>back on</b> since" in message.html
    assert "Ana Müller" in message.html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        (rb"{\rtf1\fromhtml1 {\*\htmltag <p>}\u8364?\uc2\u163xx5{\*\htmltag </p>}}", "<p>€£5</p>"),
        (rb"{\rtf1\fromhtml1 \u-10179?\u-8704?}", "\U0001f600"),
        (rb"{\rtf1\fromhtml1{\fonttbl{\f0\fcharset204 A;}}\f0 \'cf\'f0}", "\u041f\u0440"),
        (rb"{\rtf1\fromhtml1 a\{b\}\\\~c\tab d\line e{\*\mhtmltag no}{\info no}}", "a{b}\\\xa0c\td\r\ne"),
        (rb"}}}{\rtf1\fromhtml1 a{\htmlrtf no}b", "ab"),
    ],
)
def test_html_is_deencapsulated_by_the_rules_of_ms_oxrtfex(body: bytes, html: str) -> None:
    found = rtf.deencapsulate(body)
    assert found is not None
    assert found.html == html


def test_rtf_of_its_own_stays_rtf() -> None:
    body = rb"{\rtf1 Hi}"
    assert _read_msg(msg(_message(rtf=body))).rtf == body
    assert rtf.deencapsulate(rb"{\rtf1\fromtext Hi\par there}") == (None, "Hi\r\nthere")


def test_a_signed_message_is_read_where_outlook_keeps_it() -> None:
    signed = (
        b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hi\r\n"
        b"--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--"
    )
    message = _message(
        attachments=[Attached("smime.p7m", signed)], more={0x001A: "IPM.Note.SMIME.MultipartSigned"}
    )
    parsed = _read_msg(msg(message))
    assert (parsed.subject, parsed.html, parsed.attachments, parsed.encrypted) == (
        "Visit",
        "<p>Hi",
        (),
        False,
    )
    assert _read_msg(msg(_message(more={0x001A: "IPM.Note.SMIME"}))).encrypted


def test_a_link_to_a_file_elsewhere_is_told_as_such() -> None:
    streams = {
        ("__attach_version1.0_#00000000", "__substg1.0_3707001F"): "X:\\a.doc".encode("utf-16-le"),
        ("__properties_version1.0",): bytes(32),
    }
    (one,) = _read_msg(compound(streams)).attachments
    with pytest.raises(UnsupportedType):
        one.read()


def _deep(depth: int) -> OutlookMessage:
    message = _message("0")
    for level in range(depth):
        message = _message(str(level), attachments=[Attached("m", message)])
    return message


def test_messages_nested_too_deep_are_refused() -> None:
    (one,) = _read_msg(msg(_deep(MAX_DEPTH + 2))).attachments
    with pytest.raises(TooLarge):
        one.read()


def test_too_many_attachments_are_refused() -> None:
    with pytest.raises(TooLarge):
        _read_msg(msg(_message(attachments=[Attached("a", b"")] * (MAX_ATTACHMENTS + 1))))


def test_a_directory_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ole, "MAX_ENTRIES", 100)
    with pytest.raises(TooLarge):
        _read_msg(msg(_message(attachments=[Attached("a", b"1")] * 40)))


def test_streams_that_share_their_bytes_give_no_more_than_the_file_has() -> None:
    """Each claims all the same sectors: 200 times the file, unless somebody counts."""
    body = bytes(100_000)
    shared = msg(_message(attachments=[Attached("a", b"")] * 200, html=body))
    start = _start_of(shared, "__substg1.0_10130102")
    for at in _entries(shared, "__substg1.0_37010102"):
        shared = shared[: at + 116] + struct.pack("<IQ", start, len(body)) + shared[at + 128 :]
    message = _read_msg(shared)
    with pytest.raises(Corrupt):
        sum(len(attachment.read()) for attachment in message.attachments)


def test_a_stream_that_bites_its_tail_is_corrupt() -> None:
    whole = bytearray(msg(_message(attachments=[Attached("a", bytes(100_000))])))
    (fat,) = struct.unpack_from("<I", whole, 76)
    table = (fat + 1) * 512
    start = _start_of(bytes(whole), "__substg1.0_37010102")
    struct.pack_into("<I", whole, table + 4 * (start + 3), start)
    (one,) = _read_msg(bytes(whole)).attachments
    with suppress(Corrupt):
        assert len(one.read()) == 100_000  # round and round, but no longer than it claims


def _entries(file: bytes, name: str) -> list[int]:
    """Where the directory's entries of this name are."""
    mark, found, at = name.encode("utf-16-le") + b"\0\0", [], -1
    while (at := file.find(mark, at + 1)) >= 0:
        found.append(at)
    return found


def _start_of(file: bytes, name: str) -> int:
    return int(struct.unpack_from("<I", file, _entries(file, name)[0] + 116)[0])


_WHOLE = msg(
    _message(
        text="Hi", rtf=writing.MAIL_RTF.encode(), attachments=[Attached("m", _message("Inner", text="x"))]
    )
)


_DAMAGE = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=20)


@given(_DAMAGE, st.sampled_from([1, 1, 0.9, 0.5]))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_damaged_msg_ends_in_a_letter_or_a_typed_refusal(
    damage: list[tuple[float, int]], share: float
) -> None:
    damaged = bytearray(_WHOLE)
    for where, byte in damage:
        damaged[int(where * len(damaged))] = byte
    with suppress(Problem, RecursionError):
        for one in _read_msg(bytes(damaged[: int(share * len(damaged))])).attachments:
            one.read()


def _attribute(level: int, name: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def _properties(*values: tuple[int, int, bytes]) -> bytes:
    body = struct.pack("<I", len(values))
    for kind, number, value in values:
        body += struct.pack("<HH", kind, number)
        if kind in {0x1E, 0x1F, 0x102, 0xD}:
            body += struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)
        else:
            body += value
    return body


def winmail() -> bytes:
    person = _properties(
        (0x3, 0x0C15, b"\1\0\0\0"), (0x1F, 0x3001, "Bö".encode("utf-16-le")), (0x1E, 0x39FE, b"b@b.test")
    )
    body = _properties((0x102, 0x1009, compressed_rtf.compress(b"{\\rtf1\\fromhtml1 <p>Hi}")))
    inside = TNEF_START + b"\1\0" + _attribute(1, 0x00018004, b"Inner\0")
    attributes = (
        (1, 0x00069007, struct.pack("<II", 1252, 0)),
        (1, 0x00018004, b"\xdcber\0"),
        (1, 0x00069004, struct.pack("<I", 1) + person),
        (1, 0x00069003, body),
        (2, 0x00069002, bytes(14)),
        (2, 0x00018010, b"A~1.PDF\0"),
        (2, 0x0006800F, b"123\0"),
        (2, 0x00069005, _properties((0x1E, 0x3707, b"a b.pdf\0"))),
        (2, 0x00069002, bytes(14)),
        (2, 0x00069005, _properties((0xD, 0x3701, bytes(16) + inside))),
    )
    return TNEF_START + b"\1\0" + b"".join(_attribute(*one) for one in attributes)


def test_a_winmail_is_read_with_its_attachments() -> None:
    message = read_tnef(winmail())
    assert (message.subject, message.to, message.html) == ("Über", ("Bö <b@b.test>",), "<p>Hi")
    assert [(one.name, one.size) for one in message.attachments] == [("a b.pdf", 4), ("", 23)]
    assert message.attachments[0].read() == b"123\0", "as it was: zeros at the end belong to the file"
    assert read_tnef(message.attachments[1].read()).subject == "Inner"


def test_the_content_of_a_winmail_dat_is_the_messages_own() -> None:
    message = b"Subject: x\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n" + winmail()
    parsed = read_eml(message)
    assert (parsed.html, [one.name for one in parsed.attachments]) == ("<p>Hi", ["a b.pdf", ""])


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (_attribute(1, 0x00069003, b"\xff\xff\xff\xff"), Corrupt),
        (_attribute(1, 0x00069004, b"\xff\xff\xff\xff"), Corrupt),
        (_attribute(1, 0x00069003, struct.pack("<IHHII", 1, 0x102, 1, 0xFFFFFFFF, 0xFFFFFFF0)), Corrupt),
        (_attribute(1, 0x00069003, struct.pack("<IHHII", 1, 0x7777, 1, 1, 1)), Corrupt),
        (_attribute(1, 0x00069003, struct.pack("<I", 30_000) + bytes(300_000)), Corrupt),
        (_attribute(1, 0x00069003, struct.pack("<IHHI", 1, 0x1003, 1, 30_000) + bytes(300_000)), TooLarge),
        (_attribute(2, 0x00069002, b"") * (MAX_ATTACHMENTS + 1), TooLarge),
        (b"\x07" * 30, Corrupt),
    ],
)
def test_lies_about_lengths_end_typed(body: bytes, error: type[Problem]) -> None:
    with pytest.raises(error):
        read_tnef(TNEF_START + b"\1\0" + body)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_tnef_ends_in_a_letter_or_a_typed_refusal(body: bytes) -> None:
    for start in (b"", struct.pack("<BII", 1, 0x00069003, len(body))):
        with suppress(Problem):
            read_tnef(TNEF_START + b"\1\0" + start + body)


@given(st.lists(st.sampled_from([*b"{}\\ux0' \n".hex(), b"\\fromhtml1 ", b"{\\*\\htmltag ", b"\\'e4", b"\\u5", b"\\f9", b"\\ansicpg9 ", b"{\\fonttbl", b"}", b"x"]), max_size=30))  # fmt: skip  # noqa: E501
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_rtf_ends_in_text_or_a_typed_refusal(pieces: list[bytes | str]) -> None:
    body = b"".join(piece if isinstance(piece, bytes) else piece.encode() for piece in pieces)
    with suppress(Problem):
        rtf.deencapsulate(b"{\\rtf1\\fromhtml1 " + body)
        rtf.decompress(body)
