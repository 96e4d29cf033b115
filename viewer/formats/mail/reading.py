"""Reads e-mails: each message is parsed once and its HTML sanitised once, for body, notes and attachments."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from viewer.documents import Part, Printing, Reading, Sink
from viewer.errors import Corrupt, PartNotFound, Problem, UnsupportedType
from viewer.formats.charsets import decode_text
from viewer.formats.copying import copy_bytes
from viewer.formats.document import Document, Read
from viewer.formats.html.kinds import HTML_FILTER
from viewer.formats.html.markup import page, pictures_elsewhere
from viewer.formats.lanes import is_long_file
from viewer.formats.mail.calendar import entry_lines, read_calendar
from viewer.formats.mail.cms import ContentType, unwrap
from viewer.formats.mail.contacts import read_contacts
from viewer.formats.mail.content_lines import is_truncated
from viewer.formats.mail.eml import read_eml, read_smime
from viewer.formats.mail.kinds import EML, ICS, MBOX, P7M, TNEF, VCF
from viewer.formats.mail.mailbox import MailboxEntry, message_at, split_mailbox
from viewer.formats.mail.message import Attachment, Message, file_name
from viewer.formats.mail.msg import read_msg
from viewer.formats.mail.page import (
    as_html,
    as_rtf,
    body_fragment,
    has_content,
    listed_attachments,
    table_of_contents,
)
from viewer.formats.mail.tnef import read_tnef
from viewer.formats.office.signatures import RTF_FILTER

Item = TypeVar("Item")

MAX_MESSAGE = 256 * 1024 * 1024
"""Bytes of a message."""
MAX_SHOWN = 50
"""Messages of a mailbox that are shown on the pages; all of them are listed and can be opened."""
MAX_WRITTEN = 4 * 1024 * 1024
"""The largest size of these pages together, in bytes."""
ENCRYPTED = "The message is encrypted: only the recipient's own e-mail program can open it."
SIGNED = "The message is signed; whether the signature is good was not checked."
TRUNCATED = "The message seems to be cut short: its end is missing."


def read(document: Document) -> Read:
    """A message: a page that LibreOffice prints, and its attachments.

    Pictures that the body shows are not listed, but keep their numbers: an attachment has the same number
    whatever the body can show.

    Raises:
        Corrupt: it cannot be read.
        TooLarge: beyond one of the limits of the readers.
        UnsupportedType: a signature or certificates without signed content.
    """
    if document.kind is MBOX:
        mailbox = document.whole(MAX_MESSAGE)
        found = split_mailbox(mailbox)
        if len(found) > 1:
            return _read_mailbox(document, mailbox, found)
        document = replace(document, found=replace(document.found, kind=EML))
        message = read_eml(mailbox)
    elif document.kind is P7M and (inside := _signed_file(document)) is not None:
        return Reading(
            P7M.name,
            "Signed file",
            "text/plain; charset=utf-8",
            (SIGNED,),
            (_part(1, inside),),
            is_listing=True,
        ), b""
    else:
        message = _message(document)
    body = body_fragment(message)
    parts = tuple(_part(number, one) for number, one in listed_attachments(message, body))
    if message.rtf is not None and not has_content(message.html):
        made, import_filter = as_rtf(message), RTF_FILTER
    else:
        made, import_filter = as_html(message, body), HTML_FILTER
    printing = Printing((import_filter,), is_long_file(len(made)))
    return document.printed(printing, tuple(dict.fromkeys((*_notes(message), *body.notes))), parts), made


def _read_mailbox(document: Document, mailbox: bytes, found: Sequence[MailboxEntry]) -> Read:
    """A table of all messages of a mailbox, followed by the first ones in full."""
    pages, notes, written = [], dict[str, None](), 0
    for number, one in enumerate(found[:MAX_SHOWN], 1):
        try:
            message = read_eml(message_at(mailbox, one))
            body = body_fragment(message)
            made = as_html(message, body, f"Message {number} of {len(found)}").decode()
        except Problem:
            made = f"<p>[Message {number} cannot be read.]</p>"
            body = None
        written += len(made)
        if written > MAX_WRITTEN:
            break
        pages.append(made)
        notes |= dict.fromkeys((*_notes(message), *body.notes) if body else ())
    summary = f"This is a mailbox of {len(found):,} messages; each opens by itself, with its attachments."
    if len(pages) < len(found):
        summary += f" The first {len(pages)} are on the pages."
    whole = table_of_contents(found) + "".join(pages)
    made_page = page(whole, "Mailbox").encode(errors="replace")
    parts = tuple(
        Part(number, file_name(one.name, number), one.end - one.start) for number, one in enumerate(found, 1)
    )
    printing = Printing((HTML_FILTER,), is_long_file(len(made_page)))
    return document.printed(printing, (summary, *notes), parts), made_page


def extract(document: Document, number: int, into: Sink) -> str:
    """Pass on the attachment of this number; a message that Outlook stores inside another is written as .eml.

    Raises:
        PartNotFound: there is no attachment of this number.
        Problem: it cannot be read.
    """
    if document.kind is MBOX:
        mailbox = document.whole(MAX_MESSAGE)
        found = split_mailbox(mailbox)
        if len(found) > 1:
            one = _at(number, found)
            copy_bytes(message_at(mailbox, one), into)
            return Part(number, file_name(one.name, number), None).name
        message = read_eml(mailbox)
    elif document.kind is P7M and (inside := _signed_file(document)) is not None:
        message = Message(attachments=(inside,))
    else:
        message = _message(document)
    attachment = _at(number, message.attachments)
    copy_bytes(attachment.read(), into)
    return _part(number, attachment).name


def _at(number: int, things: Sequence[Item]) -> Item:
    if not 1 <= number <= len(things):
        raise PartNotFound("no part of this number")
    return things[number - 1]


def _message(document: Document) -> Message:
    if document.kind is EML:
        return read_eml(document.whole(MAX_MESSAGE))
    if document.kind is TNEF:
        return read_tnef(document.whole(MAX_MESSAGE))
    if document.kind is P7M:
        message = read_smime(document.whole(MAX_MESSAGE))
        return replace(
            message, subject=message.subject or P7M.label, is_message=bool(message.sender or message.subject)
        )
    if document.kind in {ICS, VCF}:
        return _calendar_message(document)
    if document.found.ole is None:
        raise Corrupt("no OLE file")
    return read_msg(document.found.ole, document.size)


def _signed_file(document: Document) -> Attachment | None:
    """The signed file of any kind that is not a message; None for a message.

    Raises:
        UnsupportedType: a signature or certificates alone.
    """
    found = unwrap(document.whole(MAX_MESSAGE))
    if found is None or found.content_type is ContentType.ENCRYPTED:
        return None
    content = found.content
    if content is None:
        raise UnsupportedType("a signature without what is signed")
    if (
        content.lstrip()[:8].lower() in {b"content-", b"mime-ver", b"received"}
        or b"\nContent-Type:" in content[:4096]
    ):
        return None
    return Attachment("signed file", "", len(content), frozenset(), lambda: content)


def _calendar_message(document: Document) -> Message:
    """The message that shows a calendar or contact file."""
    text = decode_text(document.whole(MAX_MESSAGE), "")
    found = read_calendar(text) if document.kind is ICS else read_contacts(text)
    if not found:
        raise Corrupt("no entry")
    return Message(
        subject=found[0].title if len(found) == 1 else f"{len(found)} entries",
        text="\n\n".join(one.text for one in found if one.text) or None,
        html=next((one.html for one in found if one.html), None) if len(found) == 1 else None,
        details=tuple(entry_lines(found)),
        is_truncated=is_truncated(text),
        is_message=False,
    )


def _part(number: int, one: Attachment) -> Part:
    return Part(number, file_name(one.name, number, one.media_type), one.size)


def _notes(message: Message) -> Iterator[str]:
    if message.encrypted:
        yield ENCRYPTED
    if message.signed:
        yield SIGNED
    if message.is_truncated:
        yield TRUNCATED
    yield from pictures_elsewhere((message.html or "").encode(errors="replace"))
