"""E-mails, appointments, cards and web pages, as people's programs write them."""

import base64
import quopri
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from demo import pictures
from demo.outlook import Attached, OutlookMessage, msg
from tests.corpus.generated.prose import LANGUAGES, Prose
from tests.viewer import samples
from tests.viewer.formats.mail.test_outlook import winmail

_CODE_PAGES = {
    "Polish": "iso-8859-2",
    "Turkish": "windows-1254",
    "Greek": "iso-8859-7",
    "Ukrainian": "koi8-u",
}
_WHEN = datetime(2026, 4, 14, 8, 30, tzinfo=UTC)


def _message(prose: Prose, text: str | None = None) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{prose.name()} <one@school.test>"
    message["To"] = f"{prose.name()} <two@council.test>, {prose.name()} <three@council.test>"
    message["Cc"] = f"{prose.name()} <four@council.test>"
    message["Subject"] = prose.sentence(words=5)
    message["Date"] = "Tue, 14 Apr 2026 09:30:00 +0100"
    message.set_content(prose.paragraph() + "\n\n" + prose.paragraph() if text is None else text)
    return message


def _page(prose: Prose, language: str = "English") -> str:
    rows = "".join(f"<tr><td>{prose.mark()}</td><td>{prose.amount()}</td></tr>" for _ in range(5))
    items = "".join(f"<li>{escape(prose.sentence(language))}</li>" for _ in range(3))
    quoted = f"<blockquote><p>{escape(prose.sentence(language))}</p></blockquote>"
    return (
        f"<h1>{escape(prose.sentence(language))}</h1><p>{escape(prose.paragraph(language))}</p><ul>{items}</ul>"
        f"<table border=1>{rows}</table><pre>{prose.mark()}   {prose.mark()}</pre>{quoted}"
        f"<div><span>{prose.mark()}</span><br><b>{prose.mark()}</b></div>"
    )


def _document(body: str, charset: str = "utf-8") -> str:
    return f'<!DOCTYPE html><html><head><meta charset="{charset}"></head><body>{body}</body></html>'


def _with_html(prose: Prose) -> bytes:
    message = _message(prose, "The text is in the page.")
    message.add_alternative(_document(_page(prose)), subtype="html")
    return message.as_bytes()


def _with_pictures(prose: Prose) -> bytes:
    message = _message(prose, "The text is in the page.")
    message.add_alternative(f'{_page(prose)}<img src="cid:it"><p>{prose.mark()}</p>', subtype="html")
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(pictures.png_bytes(), "image", "png", cid="<it>", filename="it.png")
    return message.as_bytes()


def _with_files(prose: Prose) -> bytes:
    earlier = _message(prose)
    message = _message(prose)
    message.add_attachment(samples.word(prose.sentence()), "application", "msword", filename="Report.docx")
    message.add_attachment(prose.sentence(), filename="źródło notes.txt")
    message.add_attachment(earlier)
    return message.as_bytes()


def _thread(prose: Prose) -> bytes:
    """Answers below one another, each quoted once more."""
    quoted = ""
    for depth in range(6, -1, -1):
        own = f"{prose.paragraph()}\n{prose.sentence()}\n"
        quoted = (
            own
            + f"\nOn {3 + depth} March {prose.name()} wrote:\n"
            + "".join(f"> {line}\n" for line in quoted.splitlines())
        )
    return _message(prose, quoted).as_bytes()


def _flowed(prose: Prose) -> bytes:
    lines = "".join(f"{prose.sentence()} \n{prose.sentence()}\n" for _ in range(4))
    message = _message(prose, lines)
    message.set_param("format", "flowed")
    return message.as_bytes()


def _in_code_page(language: str) -> Callable[[Prose], bytes]:
    def make(prose: Prose) -> bytes:
        charset = _CODE_PAGES[language]
        message = _message(prose)
        text = prose.paragraph(language).encode(charset, "ignore").decode(charset)
        message.set_content(text, charset=charset, cte="quoted-printable")
        message.replace_header("Subject", prose.sentence(language))
        return message.as_bytes()

    return make


def _in_language(language: str) -> Callable[[Prose], bytes]:
    def make(prose: Prose) -> bytes:
        message = _message(prose, prose.paragraph(language))
        message.replace_header("Subject", prose.sentence(language))
        message.add_alternative(_page(prose, language), subtype="html")
        return message.as_bytes()

    return make


def _raw(prose: Prose) -> bytes:
    """A message by a program that knows no MIME."""
    head = f"From: one@school.test\nTo: two@council.test\nSubject: {prose.mark()}\nDate: 3 Mar 2019 10:00\n\n"
    return (head + prose.paragraph() + "\n").encode()


def _in_parts(prose: Prose) -> bytes:
    """Text, a picture, and text again: as telephones write it."""
    parts = [f"Content-Type: text/plain; charset=utf-8\n\n{prose.paragraph()}\n" for _ in range(2)]
    picture = base64.encodebytes(pictures.png_bytes()).decode()
    parts.insert(1, f"Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\n{picture}")
    coded = quopri.encodestring(_document(_page(prose)).encode()).decode()
    parts.append(
        f"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{coded}\n"
    )
    body = "".join(f"--b\n{part}\n" for part in parts)
    head = f"From: one@school.test\nTo: two@council.test\nSubject: {prose.mark()}\nMIME-Version: 1.0\n"
    return f"{head}Content-Type: multipart/mixed; boundary=b\n\n{body}--b--\n".encode()


def _invitation(prose: Prose) -> bytes:
    message = _message(prose)
    message.add_alternative(appointment(prose).decode(), subtype="calendar", params={"method": "REQUEST"})
    return message.as_bytes()


def _mailbox(prose: Prose) -> bytes:
    return b"".join(
        b"From one@school.test Tue Apr 14 09:30:00 2026\n"
        + _message(prose).as_bytes().replace(b"\r\n", b"\n")
        + b"\n"
        for _ in range(5)
    )


def _folded(name: str, value: str) -> str:
    line = f"{name}:{value}"
    return "\r\n ".join(line[at : at + 60] for at in range(0, len(line), 60))


def appointment(prose: Prose) -> bytes:
    """A calendar file."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Invented//EN", "BEGIN:VEVENT", "UID:1@school.test"),
        *("DTSTAMP:20260401T080000Z", "DTSTART:20260414T090000Z", "DTEND:20260414T100000Z"),
        *(_folded(name, prose.sentence()) for name in ("SUMMARY", "LOCATION", "DESCRIPTION")),
        f"ORGANIZER;CN={prose.name()}:mailto:one@school.test",
        f"ATTENDEE;CN={prose.name()}:mailto:two@council.test",
        *("END:VEVENT", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines).encode()


def _card(prose: Prose) -> bytes:
    lines = [
        *("BEGIN:VCARD", "VERSION:3.0", f"FN:{prose.name()}", f"N:{prose.mark()};{prose.mark()};;;"),
        *(f"ORG:{prose.mark()}", f"TITLE:{prose.mark()}", "TEL;TYPE=work:020 7946 0999"),
        *(f"ADR;TYPE=work:;;{prose.mark()};London;;E8 1EA;", f"NOTE:{prose.sentence()}", "END:VCARD", ""),
    ]
    return "\r\n".join(lines).encode()


def _outlook(prose: Prose, **more: object) -> bytes:
    to = [(prose.name(), "two@council.test"), (prose.name(), "three@council.test")]
    sender = (prose.name(), "one@school.test")
    return msg(OutlookMessage(prose.sentence(words=4), sender, to, _WHEN, **more))  # type: ignore[arg-type]  # its further fields


def _outlook_with_files(prose: Prose) -> bytes:
    person = (prose.name(), "one@school.test")
    earlier = OutlookMessage(prose.mark(), person, [person], _WHEN, prose.paragraph())
    files = [
        Attached("Report.docx", samples.word(prose.sentence())),
        Attached("Earlier", earlier),
    ]
    return _outlook(prose, text=prose.paragraph(), attachments=files)


def _rich_text(prose: Prose) -> bytes:
    text = "".join(sign if sign.isascii() else f"\\u{ord(sign)}?" for sign in prose.paragraph("Polish"))
    return rf"{{\rtf1\ansi\deff0 {{\fonttbl{{\f0 Arial;}}}}{text}\par {prose.sentence()}}}".encode()


MESSAGES: dict[str, Callable[[Prose], bytes]] = {
    "plain.eml": lambda prose: _message(prose).as_bytes(),
    "html.eml": _with_html,
    "pictures.eml": _with_pictures,
    "files.eml": _with_files,
    "thread.eml": _thread,
    "flowed.eml": _flowed,
    "without-mime.eml": _raw,
    "in-parts.eml": _in_parts,
    "invitation.eml": _invitation,
    **{f"code-page-{language}.eml": _in_code_page(language) for language in _CODE_PAGES},
    **{f"language-{language}.eml": _in_language(language) for language in LANGUAGES},
    "mailbox.mbox": _mailbox,
    "appointment.ics": appointment,
    "card.vcf": _card,
    "plain.msg": lambda prose: _outlook(prose, text=prose.paragraph()),
    "language.msg": lambda prose: _outlook(prose, text=prose.paragraph("Greek")),
    "html.msg": lambda prose: _outlook(prose, html=_document(_page(prose)).encode()),
    "rich-text.msg": lambda prose: _outlook(prose, rtf=_rich_text(prose)),
    "files.msg": _outlook_with_files,
    "winmail.dat": lambda _prose: winmail(),
}


def _saved_page(prose: Prose) -> bytes:
    page = EmailMessage(policy=SMTP)
    page["From"], page["Subject"] = "<Saved by Blink>", prose.mark()
    page.set_content(_document(_page(prose)), subtype="html")
    page["Content-Location"] = "https://school.test/"
    return page.as_bytes()


def _long(prose: Prose) -> str:
    return "".join(_page(prose) for _ in range(12))


def _wide(prose: Prose) -> str:
    cells = "".join(f"<td>{prose.mark()}</td>" for _ in range(25))
    return f"<table border=1>{''.join(f'<tr>{cells}</tr>' for _ in range(3))}</table><p>{prose.mark()}</p>"


def _form(prose: Prose) -> str:
    chosen = f"<select><option>No</option><option selected>{prose.mark()}</option></select>"
    return (
        f"<form><label>{prose.mark()}<input value='{prose.mark()}'></label>{chosen}"
        f"<textarea>{prose.sentence()}</textarea></form>"
    )


def _styled(prose: Prose) -> str:
    """What styles do to text: columns, boxes that are too small, text beside the page, fixed places."""
    styles = (
        *("float:left;width:40%", "overflow:hidden;height:20px;width:200px", "position:absolute;left:50px"),
        *("white-space:nowrap", "font-size:6px", "column-count:3", "text-indent:30px", "color:white"),
        *("text-transform:uppercase", "display:inline-block;width:50px", "margin-left:-40px"),
    )
    return "".join(f"<div style='{style}'>{prose.paragraph(sentences=2)}</div>" for style in styles)


def _unclosed(prose: Prose) -> str:
    cells = f"<td>{prose.mark()}<td>{prose.mark()}"
    return f"<p>{prose.sentence()}<p>{prose.sentence()}<table><tr>{cells}<tr><td>2 < 3"


def _page_in(language: str, charset: str) -> Callable[[Prose], bytes]:
    return lambda prose: _document(_page(prose, language), charset).encode(charset, "ignore")


PAGES: dict[str, Callable[[Prose], bytes]] = {
    "page.html": lambda prose: _document(_page(prose)).encode(),
    "long.html": lambda prose: _document(_long(prose)).encode(),
    "wide.html": lambda prose: _document(_wide(prose)).encode(),
    "form.html": lambda prose: _document(_form(prose)).encode(),
    "styled.html": lambda prose: _document(_styled(prose)).encode(),
    "unclosed.html": lambda prose: f"<html><body>{_unclosed(prose)}</body></html>".encode(),
    "utf-16.html": lambda prose: _document(_page(prose, "Polish"), "utf-16").encode("utf-16"),
    **{f"language-{language}.html": _page_in(language, "utf-8") for language in LANGUAGES},
    **{f"code-page-{language}.html": _page_in(language, page) for language, page in _CODE_PAGES.items()},
    "saved.mht": _saved_page,
}
