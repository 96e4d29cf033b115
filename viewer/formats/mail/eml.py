"""Messages as they travel: RFC 5322 and MIME."""

from collections.abc import Sequence
from email.message import Message

from viewer.errors import TooLarge, ViewerError
from viewer.formats.html.markup import MAX_MARKUP
from viewer.formats.mail import tnef
from viewer.formats.mail.addresses import addresses
from viewer.formats.mail.kinds import TNEF_START
from viewer.formats.mail.letter import MAX_ENCLOSURES, Enclosure, Letter, one_line, paragraphs
from viewer.formats.mime import Part, date_of, header, headers_of, parts_of

_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_PLAIN, _HTML = "text/plain", "text/html"
_RICH = frozenset({"text/rtf", "application/rtf"})
_BODIES = frozenset({_PLAIN, _HTML, *_RICH})


def read_eml(message: bytes) -> Letter:
    """The letter in a message.

    Raises:
        TooLarge: more parts, attachments or headers than a message can sensibly have.
        Corrupt: its headers cannot be read.
    """
    headers, _ = headers_of(message)
    parts = list(parts_of(message))
    bodies = [part for part in parts if _is_body(part)]
    rest: list[tuple[Part, Letter | None]] = []
    wrapped: Letter | None = None
    for part in parts:
        if not _is_body(part) and part.media_type not in _SIGNATURES:
            inner = _in_winmail(part, with_text=wrapped is None)
            wrapped = wrapped or inner
            rest.append((part, inner))
    enclosures = tuple(
        one for part, inner in rest for one in (inner.enclosures if inner else (_enclosure(part),))
    )
    if len(enclosures) > MAX_ENCLOSURES:
        raise TooLarge("attachments")
    wrapped = wrapped or Letter()
    rtf = next((part.decoded() for part in bodies if part.media_type in _RICH), None)
    return Letter(
        sender=", ".join(addresses(_raw(headers, "From"))[:3]),
        to=addresses(_raw(headers, "To")),
        cc=addresses(_raw(headers, "Cc")),
        bcc=addresses(_raw(headers, "Bcc")),
        sent=date_of(_raw(headers, "Date")),
        subject=one_line(header(headers, "Subject")),
        html=_html(bodies) or wrapped.html,
        text=_text(bodies) or wrapped.text,
        rtf=rtf or wrapped.rtf,
        enclosures=enclosures,
        sealed=any(part.media_type in _SEALED for part in parts),
    )


def _raw(headers: "Message[str, str]", name: str) -> str:
    """A header as written: addresses are split before their encoded words are read."""
    return str(headers.get(name, ""))


def _is_body(part: Part) -> bool:
    return part.media_type in _BODIES and part.disposition != "attachment" and not part.untrusted_name


def _html(bodies: Sequence[Part]) -> str | None:
    """The HTML texts, with those plain ones among them that say something else: lists add their footers."""
    if not any(part.media_type == _HTML for part in bodies):
        return None
    texts: list[str] = []
    for part in bodies:
        if part.media_type == _HTML:
            texts.append(part.text())
        elif part.media_type == _PLAIN and "alternative" not in part.within:
            texts.append(paragraphs(part.text()))
        if sum(map(len, texts)) > MAX_MARKUP:
            raise TooLarge("HTML")
    return "<hr>".join(texts)


def _text(bodies: Sequence[Part]) -> str | None:
    return "\n\n".join(part.text() for part in bodies if part.media_type == _PLAIN) or None


def _enclosure(part: Part) -> Enclosure:
    body = part.decoded()
    identity = (str(part.headers.get(name, "")) for name in ("Content-ID", "Content-Location"))
    return Enclosure(
        name=part.untrusted_name or _subject_of(part, body),
        media_type=part.media_type,
        size=len(body),
        content_ids=frozenset(one.strip().strip("<>") for one in identity if one.strip()),
        read=lambda: body,
    )


def _subject_of(part: Part, body: bytes) -> str:
    """What an attached message is about: it seldom has a name."""
    if part.media_type != "message/rfc822":
        return ""
    try:
        return header(headers_of(body)[0], "Subject").replace("/", "-")
    except ViewerError:
        return ""


def _in_winmail(part: Part, *, with_text: bool) -> Letter | None:
    """What Outlook wrapped up as `winmail.dat`; only the first one's text is that of the message."""
    body = part.body if part.media_type in _BODIES else part.decoded()
    if not body.startswith(TNEF_START):
        return None
    try:
        return tnef.read_tnef(body, with_text=with_text)
    except ViewerError:
        return None  # it stays an attachment, which says why when it is opened
