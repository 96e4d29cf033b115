"""E-mails and web pages."""

from datetime import UTC, datetime
from email.message import EmailMessage
from html import escape

from demo import pictures
from demo.outlook import Attached, OutlookMessage, msg
from tests.system.kinds.row import TEXT, Check, Row, Seen, made, pages, text
from tests.viewer import samples
from tests.viewer.formats.mail.test_outlook import winmail

_NOTE, _REPORT, _EARLIER = "Attached: Ünï", "The report that came with it.", "An earlier message."
_PERSON = ("Ana", "ana@school.test")


def _message(words: str = TEXT) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ana <ana@school.test>", "duty@council.test", "Visit"
    message.set_content(words)
    return message


def _with_html() -> EmailMessage:
    """Its text is in the HTML alone, beside a picture that it shows and one that it does not."""
    message = _message("Another text.")
    message.add_alternative(f'<p>{TEXT}</p><img src="cid:it@school" width="80">', subtype="html")
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(pictures.png_bytes(), "image", "png", cid="<it@school>", filename="shown.png")
    return message


def _with_files() -> EmailMessage:
    earlier = _message(_EARLIER)
    earlier.add_attachment(_NOTE, filename="earlier note.txt")
    message = _message()
    message.add_attachment(_NOTE, filename="note.txt")
    message.add_attachment(samples.word(_REPORT), "application", "octet-stream", filename="report.docx")
    message.add_attachment(earlier)
    return message


def _outlook(**more: object) -> bytes:
    sent = datetime(2026, 4, 14, 8, 30, tzinfo=UTC)
    return msg(OutlookMessage("Visit", _PERSON, [("Duty", "duty@council.test")], sent, **more))  # type: ignore[arg-type]  # its further fields


def outlook_with_files() -> bytes:
    sent = datetime(2026, 4, 10, 8, 30, tzinfo=UTC)
    note = Attached("earlier note.txt", _NOTE.encode())
    earlier = OutlookMessage("Visit", _PERSON, [_PERSON], sent, _EARLIER, attachments=[note])
    files = [
        Attached("note.txt", _NOTE.encode()),
        Attached("report.docx", samples.word(_REPORT)),
        Attached("Visit", earlier),
    ]
    return _outlook(text=TEXT, attachments=files)


def _enclosed(names: tuple[str, str, str], body: str = TEXT) -> Check:
    """The letter, and what came with it: a note, a report, and a message with a note of its own."""

    def check(seen: Seen) -> None:
        pages(body, parts=names)(seen)
        note, report, earlier = map(seen.inside, names)
        text(_NOTE)(note)
        pages(_REPORT)(report)
        pages(_EARLIER, parts=("earlier note.txt",))(earlier)
        text(_NOTE)(earlier.inside("earlier note.txt"))

    return check


def _wrapped() -> bytes:
    message = _message()
    message.add_attachment(samples.zipped({"note.txt": _NOTE}), "application", "zip", filename="files.zip")
    return message.as_bytes()


def _check_wrapped(seen: Seen) -> None:
    pages(parts=("files.zip",))(seen)
    text(_NOTE)(seen.inside("files.zip").inside("note.txt"))


def _archive() -> bytes:
    archive = EmailMessage()
    archive["From"], archive["Subject"] = "<Saved by Blink>", "Opening hours"
    archive.set_content(f'<html><body><p>{TEXT}</p><img src="way.png"></body></html>', subtype="html")
    archive["Content-Location"] = "https://nursery.test/visit/"
    archive.add_related(pictures.png_bytes(), "image", "png")
    list(archive.iter_parts())[-1]["Content-Location"] = "https://nursery.test/visit/way.png"
    return archive.as_bytes()


_PAGE = f"<!DOCTYPE html><html><head><meta charset='{{}}'><title>Hours</title></head><p>{TEXT}</p></html>"
_RTF = "".join(sign if sign.isascii() else f"\\u{ord(sign)}?" for sign in TEXT)
_DISGUISED = rf"{{\rtf1\ansi\fromhtml1 {{\*\htmltag64 <p>}}{_RTF}{{\*\htmltag72 </p>}}}}"
LETTERS = [
    Row("eml", made(_message().as_bytes()), name="plain"),
    Row("eml", made(_with_html().as_bytes()), name="html"),
    Row("eml", made(_with_files().as_bytes()), _enclosed(("note.txt", "report.docx", "Visit")), "files"),
    Row("eml", made(_wrapped()), _check_wrapped, "archive"),
    Row("msg", made(_outlook(text=TEXT)), name="plain"),
    Row("msg", made(_outlook(html=f"<p>{TEXT}</p>".encode())), name="html"),
    Row("msg", made(_outlook(rtf=rf"{{\rtf1\ansi {_RTF}}}".encode())), name="rtf"),
    Row("msg", made(_outlook(rtf=_DISGUISED.encode())), name="html-in-rtf"),
    Row("msg", made(outlook_with_files()), _enclosed(("note.txt", "report.docx", "Visit")), "files"),
    Row("tnef", made(winmail()), pages("Über", parts=("a b.pdf", "attachment 2")), "winmail"),
    Row("html", made(_PAGE.format("utf-8").encode())),
    Row("html", made(_PAGE.format("windows-1252").encode("cp1252")), name="cp1252"),
    Row("html", made(_PAGE.format("utf-8").encode("cp1252")), name="wrongly-declared"),
    Row(
        "html",
        made(f"<table><tr><td>{escape(TEXT).encode('ascii', 'xmlcharrefreplace').decode()}</table>".encode()),
    ),
    Row("mht", made(_archive())),
]
