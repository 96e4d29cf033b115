"""E-mails as pages: who wrote to whom and when, the attachments' names, the body with its pictures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape

from viewer.errors import Problem
from viewer.formats.html.markup import Fragment, fragment, page
from viewer.formats.mail.letter import Enclosure, Letter, file_name, paragraphs
from viewer.formats.mail.mailbox import Entry
from viewer.sizes import format_size

MOST_ADDRESSES = 25
"""That are written out in one line of the head; of further ones only the number."""


def as_html(letter: Letter, body: Fragment, before: str = "") -> bytes:
    """The letter as HTML without any way out: one page, or a piece of one.

    Args:
        letter: the message.
        body: as `body_of` gave it.
        before: what stands before it, where it is one of several on a page.
    """
    written = _head(letter, body) + body.html
    if before:
        return f'<hr><p style="page-break-before:always">{escape(before)}</p>{written}'.encode(
            errors="replace"
        )
    return page(written, _title(letter)).encode(errors="replace")


def table_of_contents(found: Sequence[Entry]) -> str:
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


def as_rtf(letter: Letter) -> bytes:
    """A letter whose body is RTF, with the head before it: the office reads a group in a group as one.

    Args:
        letter: the message.
    """
    head = rf"\pard\b\fs32 {_in_rtf(_title(letter))}\b0\par\fs22 "
    return _around_rtf(head, _lines(letter, Fragment()), letter.rtf or b"")


def with_details(letter: Letter) -> Letter:
    """The letter with its details in its bodies, for a form that has no place for them."""
    if not letter.details:
        return letter
    lines = [(name, [says]) for name, says in letter.details]
    text = "".join(f"{name}: {says}\n" for name, says in letter.details)
    html, rtf = letter.html, letter.rtf
    return replace(
        letter,
        text=f"{text}\n{letter.text or ''}" if letter.text or not (html or rtf) else None,
        html=paragraphs(text) + html if html else None,
        rtf=_around_rtf("", lines, rtf) if rtf else None,
        details=(),
    )


def _around_rtf(head: str, lines: Iterable[tuple[str, list[str]]], body: bytes) -> bytes:
    for name, told in lines:
        if any(told):
            head += rf"{{\b {name}:\b0  {_in_rtf('; '.join(told))}\par}}"
    start = rb"{\rtf1\ansi\ansicpg1252\paperw11906\paperh16838\margl1134\margr1134 "
    return start + head.encode() + rb"\par " + body + b"}"


def body_of(letter: Letter) -> Fragment:
    """The body, sanitised, with the pictures that came with it.

    Where the HTML says nothing, the plain text is the body.
    """
    made = fragment(letter.html, _Pictures(letter.enclosures)) if letter.html else Fragment()
    if made.has_words:
        return made
    text = letter.text if letter.text and letter.text.strip() else ""
    if text and made.has_pictures:
        made.html = f"{paragraphs(text)}<hr>{made.html}"
        return made
    if text:
        return Fragment(paragraphs(text))
    if made.says_something:
        return made
    if letter.sealed:
        return Fragment(
            "<p>[This message is encrypted. Only the recipient's e-mail program can read it.]</p>"
        )
    return Fragment("<p>[This message has no text.]</p>" if letter.is_message and not letter.details else "")


def says(html: str | None) -> bool:
    """Whether HTML has words or pictures to show."""
    if not html:
        return False
    return fragment(html, {}).says_something


def attachments(letter: Letter, body: Fragment) -> list[tuple[int, Enclosure]]:
    """All that came with the letter and is not shown in its body, each with its place in the message."""
    return [
        (number, one) for number, one in enumerate(letter.enclosures, 1) if not one.content_ids & body.shown
    ]


def written_time(sent: datetime | None) -> str:
    """As people write it, with the zone: `Wednesday 4 March 2026, 14:05 (UTC+01:00)`."""
    if sent is None:
        return "not known"
    offset = sent.utcoffset()
    zone = "time zone not told" if offset is None else _zone(sent)
    return f"{sent:%A} {sent.day} {sent:%B %Y, %H:%M} ({zone})"


def _zone(sent: datetime) -> str:
    digits = f"{sent:%z}"
    return "UTC" if digits == "+0000" else f"UTC{digits[:3]}:{digits[3:5]}"


class _Pictures(Mapping[str, bytes]):
    """What came with a message by what its body may call it; each is read when the body names it.

    One that cannot be read is not there: it is listed as an attachment, which says why when it is opened.
    """

    def __init__(self, enclosures: Sequence[Enclosure]) -> None:
        self._named = {name: one for one in enclosures for name in one.content_ids}
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


def _title(letter: Letter) -> str:
    return letter.subject or "(no subject)"


def _lines(letter: Letter, body: Fragment) -> Iterator[tuple[str, list[str]]]:
    """The head: what each line is called, and what it says."""
    enclosed = attachments(letter, body)
    unknown = "not known" if letter.is_message else ""
    yield "From", [letter.sender or unknown]
    yield "To", [_list(letter.to)]
    yield "Cc", [_list(letter.cc)]
    yield "Bcc", [_list(letter.bcc)]
    yield "Sent", [written_time(letter.sent) if letter.sent or letter.is_message else ""]
    for name, told in letter.details:
        yield name, told.splitlines()
    yield (
        "Attachment" if len(enclosed) == 1 else f"{len(enclosed)} attachments",
        [
            f"{file_name(one.name, number, one.media_type)} ({format_size(one.size)})"
            for number, one in enclosed
        ],
    )


def _list(people: Sequence[str]) -> str:
    more = len(people) - MOST_ADDRESSES
    return "; ".join(people[:MOST_ADDRESSES]) + (f"; and {more} more" if more > 0 else "")


def _head(letter: Letter, body: Fragment) -> str:
    rows = "".join(
        f'<tr><th width="17%" align="left" valign="top"><font color="#505a5f">{name}</font></th>'
        f'<td valign="top">{"<br>".join(map(escape, told))}</td></tr>'
        for name, told in _lines(letter, body)
        if any(told)
    )
    return (
        f"<h1>{escape(_title(letter))}</h1>"
        f'<table width="100%" cellpadding="2" cellspacing="0">{rows}</table><hr>'
    )


def _in_rtf(text: str) -> str:
    units = text.encode("utf-16-le", errors="replace")
    codes = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2))
    return "".join(rf"\u{code}?" for code in codes)
