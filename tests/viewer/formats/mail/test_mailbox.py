"""Mailbox files and digests: each message opens by itself."""

from tests.viewer.formats.mail.written import HEADERS, MIXED_MESSAGE
from tests.viewer.formats.opening import extract, parts, read, recognised
from viewer.formats.mail.eml import read_eml

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
    mailbox = f"From a@b.test Tue Mar  3 09:01:00 2026\n{MIXED_MESSAGE}".encode()
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
    digest = HEADERS + (
        "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nFrom: a@b.test\r\nSubject: One\r\n"
        "\r\nHi\r\n--d--\r\n"
    )
    assert [(one.media_type, one.name) for one in read_eml(digest.encode()).attachments] == [
        ("message/rfc822", "One")
    ]
