"""Reads messages in the format of the Internet: RFC 5322, MIME and S/MIME."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from viewer.errors import Problem, TooLarge
from viewer.formats.charsets import decode_text
from viewer.formats.html.markup import MAX_MARKUP
from viewer.formats.mail import tnef
from viewer.formats.mail.addresses import split_addresses
from viewer.formats.mail.calendar import CalendarEntry, entry_lines, read_calendar
from viewer.formats.mail.cms import ContentType, unwrap
from viewer.formats.mail.kinds import TNEF_START
from viewer.formats.mail.message import MAX_ATTACHMENTS, Attachment, Line, Message, one_line, paragraphs
from viewer.formats.mime import MimePart, parse_message
from viewer.formats.mime_headers import Headers, header_text, parse_date, parse_headers
from viewer.formats.uuencode import UuencodedFile, find_uuencoded

MAX_SIGNATURES = 5
"""Levels of nested signatures."""

_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURES = frozenset({
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
})  # fmt: skip
_ENCRYPTED_TYPES = frozenset({"application/pgp-encrypted"})
_PGP_ENCRYPTED = "-----BEGIN PGP MESSAGE-----"
_PLAIN, _HTML = "text/plain", "text/html"
_RTF_TYPES = frozenset({"text/rtf", "application/rtf"})
_BODIES = frozenset({_PLAIN, _HTML, *_RTF_TYPES})
_CALENDARS = frozenset({"text/calendar", "application/ics", "text/x-vcalendar"})
_DUPLICATES = frozenset({"text/x-amp-html", "text/watch-html"})
"""Further forms of the text for programs; the text itself is there too."""


def read_eml(original: bytes, depth: int = 0, *, with_text: bool = True) -> Message:
    """The message that the bytes hold.

    Args:
        original: all of it.
        depth: signatures that were removed already.
        with_text: whether to read the text too, or the attachments alone.

    Raises:
        TooLarge: more parts, attachments or headers than a message can sensibly have.
        Corrupt: its headers cannot be read.
    """
    found = parse_message(original)
    headers, parts = found.headers, found.parts
    bodies = _bodies(parts)
    shown = {id(part) for part in bodies}
    rest: list[tuple[MimePart, Message | None]] = []
    wrapped: Message | None = None
    for part in parts:
        if id(part) in shown or part.media_type in _SIGNATURES or _is_duplicate(part):
            continue
        inner = _nested(part, depth, with_text=with_text and wrapped is None)
        wrapped = wrapped or inner
        rest.append((part, inner))
    files = [one for part in bodies if part.media_type == _PLAIN for one in _uuencoded_in(part)]
    attachments = tuple(
        one
        for part, inner in rest
        for one in (inner.attachments if inner else (_attachment(part, is_complete=not found.is_truncated),))
    ) + tuple(_uuencoded_attachment(one) for one in files)
    if len(attachments) > MAX_ATTACHMENTS:
        raise TooLarge("attachments")
    if not with_text:
        return Message(attachments=attachments, is_truncated=found.is_truncated)
    wrapped = wrapped or Message()
    rtf = next((part.decoded() for part in bodies if part.media_type in _RTF_TYPES), None)
    text, html = _text(bodies), _html(bodies)
    entries = _entries(parts)
    return Message(
        sender=", ".join(split_addresses(_raw(headers, "From"))[:3]) or wrapped.sender,
        to=split_addresses(_raw(headers, "To")) or wrapped.to,
        cc=split_addresses(_raw(headers, "Cc")) or wrapped.cc,
        bcc=split_addresses(_raw(headers, "Bcc")),
        sent=parse_date(_raw(headers, "Date")) or wrapped.sent,
        subject=one_line(header_text(headers, "Subject")) or wrapped.subject,
        html=html or wrapped.html or _entry_bodies(entries, html, text, rtf)[1],
        text=text or wrapped.text or _entry_bodies(entries, html, text, rtf)[0],
        rtf=rtf or wrapped.rtf,
        attachments=attachments,
        encrypted=wrapped.encrypted
        or any(part.media_type in _ENCRYPTED_TYPES for part in parts)
        or _PGP_ENCRYPTED in (text or ""),
        signed=wrapped.signed or any(part.media_type in _SIGNATURES for part in parts),
        details=(
            *entry_lines(entries),
            *_missing_descriptions(entries, text or html or ""),
            *wrapped.details,
        ),
        is_truncated=found.is_truncated or wrapped.is_truncated or not all(one.is_complete for one in files),
    )


def _raw(headers: Headers, name: str) -> str:
    """A header as written: addresses are split before encoded words are decoded."""
    return str(headers.get(name, ""))


def _bodies(parts: Sequence[MimePart]) -> list[MimePart]:
    """The parts that are the body: those without a file name, and the first part in any case."""
    found: list[MimePart] = []
    for part in parts:
        if part.media_type not in _BODIES or part.disposition == "attachment":
            continue
        first = not found and part is parts[0]
        if first or not part.untrusted_name or (part.within[-1:] == ("alternative",)):
            found.append(part)
    if not found and len(parts) == 1 and parts[0].media_type in {_PLAIN, _HTML}:
        return list(parts)  # the whole message is one text, whatever its headers say of it
    return found


def _is_duplicate(part: MimePart) -> bool:
    return part.media_type in _DUPLICATES and part.within[-1:] == ("alternative",)


def _html(bodies: Sequence[MimePart]) -> str | None:
    """The HTML texts, with those plain ones among them that say something else: lists add their footers."""
    if not any(part.media_type == _HTML for part in bodies):
        return None
    texts: list[str] = []
    for part in bodies:
        if part.media_type == _HTML:
            texts.append(part.text())
        elif part.media_type == _PLAIN and "alternative" not in part.within:
            texts.append(paragraphs(_without_files(part)))
        if sum(map(len, texts)) > MAX_MARKUP:
            raise TooLarge("HTML")
    return "<hr>".join(texts)


def _text(bodies: Sequence[MimePart]) -> str | None:
    return "\n\n".join(_without_files(part) for part in bodies if part.media_type == _PLAIN) or None


def _without_files(part: MimePart) -> str:
    """The text of a part without the uuencoded files in it."""
    body = part.decoded()
    pieces, at = [], 0
    for one in find_uuencoded(body):
        pieces.append(body[at : one.start])
        at = one.end
    return decode_text(b"".join((*pieces, body[at:])), part.parameter("charset")) if at else part.text()


def _uuencoded_in(part: MimePart) -> Iterator[UuencodedFile]:
    """The uuencoded files in a part, up to one more than a message may have."""
    return islice(find_uuencoded(part.decoded()), MAX_ATTACHMENTS + 1)


def _uuencoded_attachment(one: UuencodedFile) -> Attachment:
    return Attachment(one.name, "", len(one.body), frozenset(), lambda: one.body)


def _attachment(part: MimePart, *, is_complete: bool = True) -> Attachment:
    body = part.decoded()
    if is_complete and part.media_type == "message/rfc822" and not body.endswith(b"\n"):
        body += b"\r\n"  # its last line end counts as the boundary's
    identity = (str(part.headers.get(name, "")) for name in ("Content-ID", "Content-Location"))
    return Attachment(
        name=part.untrusted_name or _subject_of(part, body),
        media_type=part.media_type,
        size=len(body),
        content_ids=frozenset(one.strip().strip("<>") for one in identity if one.strip()),
        read=lambda: body,
    )


def _subject_of(part: MimePart, body: bytes) -> str:
    """The subject of an attached message, which seldom has a file name."""
    if part.media_type != "message/rfc822":
        return ""
    try:
        return header_text(parse_headers(body)[0], "Subject").replace("/", "-")
    except Problem:
        return ""


def _entries(parts: Sequence[MimePart]) -> tuple[CalendarEntry, ...]:
    """The entries of the first calendar part: an invitation repeats the same calendar in several parts."""
    for part in sorted(
        (part for part in parts if part.media_type in _CALENDARS),
        key=lambda one: one.disposition == "attachment",
    ):
        found = read_calendar(part.text())
        if found:
            return found
    return ()


def _entry_bodies(
    entries: Sequence[CalendarEntry], html: str | None, text: str | None, rtf: bytes | None
) -> tuple[str | None, str | None]:
    """The text and HTML of the calendar entries, for a message without a body."""
    if html or text or rtf or not entries:
        return None, None
    first = next((one.html for one in entries if one.html), None)
    return "\n\n".join(one.text for one in entries if one.text) or None, first


def _missing_descriptions(entries: Sequence[CalendarEntry], text: str) -> Iterator[Line]:
    """The descriptions of entries that the message's text does not contain."""
    said = "".join(text.split())
    for one in entries:
        if said and one.text and "".join(one.text.split()) not in said and "<" not in text[:1000]:
            yield "Description", one.text


def _nested(part: MimePart, depth: int, *, with_text: bool) -> Message | None:
    """The message inside a `winmail.dat` or an S/MIME part; None for any other part.

    Only the first one's text is the text of the whole message.
    """
    body = part.body if part.media_type in _BODIES else part.decoded()
    try:
        if body.startswith(TNEF_START):
            return tnef.read_tnef(body, with_text=with_text)
        return read_smime(body, depth, with_text=with_text) if part.media_type in _SMIME else None
    except TooLarge:
        raise
    except Problem:
        # it stays an attachment, which says why when it is opened
        return (
            Message(encrypted=True, attachments=(_attachment(part),)) if part.media_type in _SMIME else None
        )


def read_smime(body: bytes, depth: int = 0, *, with_text: bool = True) -> Message:
    """The letter that is signed, or sealed, as a whole (RFC 8551).

    Args:
        body: a message in a signature's wrapping, or a message.
        depth: signatures that were taken off already.
        with_text: whether to read the text too, or the attachments alone.

    Raises:
        TooLarge: more than `MAX_SIGNATURES` signatures around signatures.
        Corrupt: the wrapping cannot be read.
    """
    if depth > MAX_SIGNATURES:
        raise TooLarge("signatures around signatures")
    found = unwrap(body)
    if found is None and body.lstrip()[:8].lower() == b"content-":
        return read_eml(body, depth + 1, with_text=with_text)
    if found is None or found.content is None:
        encrypted = Attachment("smime.p7m", "application/pkcs7-mime", len(body), frozenset(), lambda: body)
        return Message(attachments=(encrypted,), encrypted=True)
    inside = read_eml(found.content, depth + 1, with_text=with_text)
    return replace(inside, signed=inside.signed or found.content_type is ContentType.SIGNED)
