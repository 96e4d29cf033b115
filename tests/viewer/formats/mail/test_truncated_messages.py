"""Truncated messages say so or are refused; messages made to take long end within limits."""

import base64
import gzip
from email.message import EmailMessage

import pytest

from demo.outlook import Attached, OutlookMessage, msg
from tests.viewer.formats.mail.test_outlook import winmail
from tests.viewer.formats.mail.written import HEADERS, MIXED_MESSAGE, SENT
from tests.viewer.formats.opening import SHOWN, notes, outcome_within_limits, read
from viewer.errors import Problem
from viewer.formats.mail.reading import TRUNCATED

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
        "text": (HEADERS + "\r\n" + "".join(_LONG.split("\r\n"))).encode() + b"\r\n",
        "base64": (HEADERS + "Content-Transfer-Encoding: base64\r\n\r\n").encode()
        + base64.b64encode(_LONG.encode()) + b"=\r\n",
        "html": (HEADERS + f"Content-Type: text/html\r\n\r\n<html>{_LONG}</html>\r\n").encode(),
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
def test_a_truncated_message_says_so_or_is_refused(form: str) -> None:
    whole = _of_every_form()[form]
    assert not any("cut short" in note for note in notes(whole))
    for cut in range(4, 20):
        part = whole[: len(whole) * cut // 20 + 1]
        try:
            reading, _ = read(part)
        except Problem:
            continue
        assert any("cut short" in note for note in reading.notes), (form, cut, reading)


def test_the_note_says_that_the_end_is_missing() -> None:
    assert notes(MIXED_MESSAGE.encode()[:-8]) == (TRUNCATED,)


@pytest.mark.parametrize(
    "message",
    [
        HEADERS.encode() + b"\r\n" + b"begin 644 x\n" * 200_000,
        HEADERS.encode() + b"\r\n" + b"begin 644 x\n" + b"M" * 60 + (b"\nM" + b"5" * 60) * 100_000,
        b"From a@b.test 1:11\n" + HEADERS.encode() + b"\n" + (b"From " + b" " * 180 + b"\n") * 50_000,
        HEADERS.encode() + b"Content-Type: multipart/mixed\r\n\r\n" + (b"--x" + b" " * 190 + b"\n") * 50_000,
        HEADERS.encode()
        + b"Content-Type: multipart/mixed\r\n\r\n--x\r\nA: b\r\n\r\n"
        + b"\r\n--x--\r\ny" * 1500,
        b"\r\n" * 2_000_000 + HEADERS.encode(),
        HEADERS.encode() + b"x\r\n" * 100_000 + b"Y: z\r\n\r\nHi",
    ],
    ids=["begins", "long-file", "mailbox", "boundaries", "ends", "blank-lines", "odd-lines"],
)
def test_messages_made_to_take_long_end_within_limits(message: bytes) -> None:
    assert outcome_within_limits(message, seconds=20) in {SHOWN, "too_large", "unsupported_type", "corrupt"}
