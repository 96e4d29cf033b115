"""Messages, calendars, cards and web pages: by the standard library's parsers, python-oxmsg and lxml."""

import mailbox
import tempfile
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import lxml.html
from oxmsg import Message

from tests.corpus.extraction.passage import Passage, shown

_UNSEEN = {"script", "style", "head", "template", "title", "noscript"}
_SEEN_HEADERS = ("subject", "from", "to", "cc")
_TELLING = ("SUMMARY", "LOCATION", "DESCRIPTION", "FN", "ORG", "TITLE", "TEL", "ADR", "NOTE", "EMAIL")


def eml(path: Path) -> Iterator[Passage]:
    return _message(message_from_bytes(path.read_bytes(), policy=default))


def _message(message: Any) -> Iterator[Passage]:
    yield from shown(str(message[name]) for name in _SEEN_HEADERS if message[name])
    body = message.get_body(("html", "plain"))
    for part in message.walk() if body is None or message.get_content_type() == "multipart/mixed" else [body]:
        yield from _part(part, body)


def _part(part: EmailMessage, body: EmailMessage | None) -> Iterator[Passage]:
    kind = part.get_content_type()
    if part is body or (kind.startswith("text/") and not part.get_filename() and body is None):
        text = part.get_content()
        yield from _page(text) if kind == "text/html" else shown([text])
    elif name := part.get_filename():
        yield Passage(name)


def mbox(path: Path) -> Iterator[Passage]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "mbox"
        copy.write_bytes(path.read_bytes())
        box = mailbox.mbox(copy)
        for message in box:
            yield from _message(message_from_bytes(message.as_bytes(), policy=default))
        box.close()


def msg(path: Path) -> Iterator[Passage]:
    message = Message.load(str(path))
    yield Passage(message.subject or "")
    yield from shown(attachment.file_name or "" for attachment in message.attachments)
    yield from shown(recipient.name for recipient in message.recipients)
    if html := message.html_body:
        yield from _page(html)
    elif text := message.body:
        yield Passage(text)


def calendar(path: Path) -> Iterator[Passage]:
    """Values that people wrote, of a calendar file or a card."""
    unfolded = path.read_bytes().decode().replace("\r\n ", "")
    for line in unfolded.splitlines():
        name, _, value = line.partition(":")
        words = [item.removeprefix("CN=") for item in name.split(";") if item.startswith("CN=")]
        yield from shown(words)
        if name.partition(";")[0] in _TELLING:
            yield Passage(value.replace("\\n", "\n").replace("\\", "").replace(";", " "))


def html(path: Path) -> Iterator[Passage]:
    return _page(path.read_bytes())


def mht(path: Path) -> Iterator[Passage]:
    message = message_from_bytes(path.read_bytes(), policy=default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            yield from _page(part.get_content())


def _page(page: str | bytes) -> Iterator[Passage]:
    body = page.encode() if isinstance(page, str) else page
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body.decode("utf-16").encode()
    parser = lxml.html.HTMLParser(encoding=_charset(body) if isinstance(page, bytes) else "utf-8")
    tree = lxml.html.fromstring(body, parser=parser)
    return shown(_texts(tree))


def _charset(body: bytes) -> str | None:
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _texts(element: Any) -> Iterator[str]:
    """Texts of the page, and what fields hold."""
    if isinstance(element.tag, str) and element.tag not in _UNSEEN:
        yield element.text or ""
        if element.tag == "input" and element.get("type", "text") not in {"hidden", "password"}:
            yield element.get("value", "")
        for child in element:
            if not (child.tag == "option" and child.get("selected") is None):
                yield from _texts(child)
            yield child.tail or ""
