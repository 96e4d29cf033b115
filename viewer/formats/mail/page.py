"""Writes a message as an HTML page or RTF: headers, names of attachments, and the body with its pictures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape

from viewer.errors import Problem
from viewer.formats.html.markup import Fragment, fragment, page
from viewer.formats.mail.mailbox import MailboxEntry
from viewer.formats.mail.message import Attachment, Message, file_name, paragraphs
from viewer.sizes import format_size

MAX_ADDRESSES_SHOWN = 25
"""Addresses written out in one line of the head; further ones are counted."""


def as_html(message: Message, body: Fragment, before: str = "") -> bytes:
    """The message as sanitised HTML: a whole page, or a part of one.

    Args:
        message: the message.
        body: as `body_fragment` gave it.
        before: a heading before it, where it is one of several messages on a page.
    """
    written = _head(message, body) + body.html
    if before:
        return f'<hr><p style="page-break-before:always">{escape(before)}</p>{written}'.encode(
            errors="replace"
        )
    return page(written, _title(message)).encode(errors="replace")


def table_of_contents(found: Sequence[MailboxEntry]) -> str:
    """The messages of a mailbox as a table."""
    rows = "".join(
        f"<tr><td>{number}</td><td>{escape(one.day.replace('.', ':'))}</td><td>{escape(one.sender)}</td>"
        f"<td>{escape(one.subject or '(no subject)')}</td></tr>"
        for number, one in enumerate(found, 1)
    )
    return (
        f"<h1>Mailbox: {len(found):,} messages</h1>"
        '<table width="100%" cellpadding="2" cellspacing="0"><tr><th></th><th align="left">Sent</th>'
        f'<th align="left">From</th><th align="left">Subject</th></tr>{rows}</table>'
    )


def as_rtf(message: Message) -> bytes:
    """A message with an RTF body as RTF, with the head in front: LibreOffice accepts nested RTF groups.

    Args:
        message: the message.
    """
    head = rf"\pard\b\fs32 {_in_rtf(_title(message))}\b0\par\fs22 "
    return _around_rtf(head, _lines(message, Fragment()), message.rtf or b"")


def with_details(message: Message) -> Message:
    """The message with its details moved into its bodies, for a format without a place for them."""
    if not message.details:
        return message
    lines = [(name, [value]) for name, value in message.details]
    text = "".join(f"{name}: {value}\n" for name, value in message.details)
    html, rtf = message.html, message.rtf
    return replace(
        message,
        text=f"{text}\n{message.text or ''}" if message.text or not (html or rtf) else None,
        html=paragraphs(text) + html if html else None,
        rtf=_around_rtf("", lines, rtf) if rtf else None,
        details=(),
    )


def _around_rtf(head: str, lines: Iterable[tuple[str, list[str]]], body: bytes) -> bytes:
    for name, values in lines:
        if any(values):
            head += rf"{{\b {name}:\b0  {_in_rtf('; '.join(values))}\par}}"
    start = rb"{\rtf1\ansi\ansicpg1252\paperw11906\paperh16838\margl1134\margr1134 "
    return start + head.encode() + rb"\par " + body + b"}"


def body_fragment(message: Message) -> Fragment:
    """The body as sanitised HTML, with its inline pictures.

    The plain text is used where the HTML has no words.
    """
    made = fragment(message.html, _Pictures(message.attachments)) if message.html else Fragment()
    if made.has_words:
        return made
    text = message.text if message.text and message.text.strip() else ""
    if text and made.has_pictures:
        made.html = f"{paragraphs(text)}<hr>{made.html}"
        return made
    if text:
        return Fragment(paragraphs(text))
    if made.has_content:
        return made
    if message.encrypted:
        return Fragment(
            "<p>[This message is encrypted. Only the recipient's e-mail program can read it.]</p>"
        )
    return Fragment(
        "<p>[This message has no text.]</p>" if message.is_message and not message.details else ""
    )


def has_content(html: str | None) -> bool:
    """Whether HTML has words or pictures to show."""
    if not html:
        return False
    return fragment(html, {}).has_content


def listed_attachments(message: Message, body: Fragment) -> list[tuple[int, Attachment]]:
    """The attachments that the body does not show, each with its number in the message."""
    return [
        (number, one) for number, one in enumerate(message.attachments, 1) if not one.content_ids & body.shown
    ]


def format_sent(sent: datetime | None) -> str:
    """The time in words with its zone: `Wednesday 4 March 2026, 14:05 (UTC+01:00)`."""
    if sent is None:
        return "not known"
    offset = sent.utcoffset()
    zone = "time zone not told" if offset is None else _zone(sent)
    return f"{sent:%A} {sent.day} {sent:%B %Y, %H:%M} ({zone})"


def _zone(sent: datetime) -> str:
    digits = f"{sent:%z}"
    return "UTC" if digits == "+0000" else f"UTC{digits[:3]}:{digits[3:5]}"


class _Pictures(Mapping[str, bytes]):
    """The attachments by Content-ID and Content-Location; each is read when the body refers to it.

    One that cannot be read counts as missing: it is listed as an attachment, which says why when opened.
    """

    def __init__(self, attachments: Sequence[Attachment]) -> None:
        self._named = {name: one for one in attachments for name in one.content_ids}
        self._read: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._read:
            try:
                self._read[name] = self._named[name].read()
            except Problem as error:
                raise KeyError(name) from error
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)


def _title(message: Message) -> str:
    return message.subject or "(no subject)"


def _lines(message: Message, body: Fragment) -> Iterator[tuple[str, list[str]]]:
    """The lines of the head: a label and its values."""
    listed = listed_attachments(message, body)
    unknown = "not known" if message.is_message else ""
    yield "From", [message.sender or unknown]
    yield "To", [_list(message.to)]
    yield "Cc", [_list(message.cc)]
    yield "Bcc", [_list(message.bcc)]
    yield "Sent", [format_sent(message.sent) if message.sent or message.is_message else ""]
    for name, values in message.details:
        yield name, values.splitlines()
    yield (
        "Attachment" if len(listed) == 1 else f"{len(listed)} attachments",
        [
            f"{file_name(one.name, number, one.media_type)} ({format_size(one.size)})"
            for number, one in listed
        ],
    )


def _list(people: Sequence[str]) -> str:
    more = len(people) - MAX_ADDRESSES_SHOWN
    return "; ".join(people[:MAX_ADDRESSES_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _head(message: Message, body: Fragment) -> str:
    rows = "".join(
        f'<tr><th width="17%" align="left" valign="top"><font color="#505a5f">{name}</font></th>'
        f'<td valign="top">{"<br>".join(map(escape, values))}</td></tr>'
        for name, values in _lines(message, body)
        if any(values)
    )
    return (
        f"<h1>{escape(_title(message))}</h1>"
        f'<table width="100%" cellpadding="2" cellspacing="0">{rows}</table><hr>'
    )


def _in_rtf(text: str) -> str:
    units = text.encode("utf-16-le", errors="replace")
    codes = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2))
    return "".join(rf"\u{code}?" for code in codes)
