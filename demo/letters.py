"""The sample e-mails and web pages. All people in them are invented."""

from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from demo import catalogue, pictures, writing
from demo.outlook import Attached, OutlookMessage, msg

_SUMMER = timezone(timedelta(hours=1))
_SCHOOL, _WORKER = "Ana Müller <a.muller@springfield.school.test>", "Duty Worker <duty@council.test>"


def mail(path: Path) -> None:
    """An HTML body with a picture in it; a document and another mail are attached."""
    message = EmailMessage()
    message["From"], message["To"] = _SCHOOL, _WORKER
    message["Cc"] = "Head Teacher <head@springfield.school.test>, Dr Pat O'Neill <p.oneill@surgery.test>"
    message["Subject"] = "Rowan: heating is back, £49 paid"
    message["Date"] = format_datetime(datetime(2026, 4, 13, 9, 42, tzinfo=_SUMMER))
    message["Message-ID"] = "<1030@springfield.school.test>"
    message.set_content(writing.MAIL_TEXT)
    message.add_alternative(writing.MAIL_HTML, subtype="html")
    message.add_attachment(writing.CALL_NOTE, filename="telephone call.txt")
    message.add_attachment(_earlier())
    bodies = message.get_body(("html",))
    assert isinstance(bodies, EmailMessage)  # noqa: S101 - just added
    bodies.add_related(
        pictures.png_bytes(), "image", "png", cid="<household@springfield>", filename="household.png"
    )
    path.write_bytes(message.as_bytes())


def _earlier() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = _WORKER, _SCHOOL
    message["Subject"] = "How is Rowan?"
    message["Date"] = format_datetime(datetime(2026, 4, 10, 16, 5, tzinfo=_SUMMER))
    message.set_content(writing.EARLIER_MAIL)
    message.add_attachment(pictures.png_bytes(), "image", "png", filename="household.png")
    return message


def outlook(path: Path) -> None:
    """A message as Outlook saves it: RTF-encapsulated HTML, with a document and a message attached."""
    worker, school = ("Duty Worker", "duty@council.test"), ("Ana Müller", "a.muller@springfield.school.test")
    earlier = OutlookMessage(
        subject="How is Rowan?",
        sender=worker,
        to=[school],
        sent=datetime(2026, 4, 10, 15, 5, tzinfo=UTC),
        text=writing.EARLIER_MAIL,
        attachments=[Attached("telephone call.txt", writing.CALL_NOTE.encode())],
    )
    referral = path.with_name(catalogue.REFERRAL.file_name).read_bytes()
    message = OutlookMessage(
        subject="AW: How is Rowan?",
        sender=school,
        to=[worker, ("Family Support", "support@council.test")],
        sent=datetime(2026, 4, 14, 8, 30, tzinfo=UTC),
        text=writing.MAIL_TEXT,
        rtf=writing.MAIL_RTF.encode("ascii"),
        attachments=[
            Attached("household.png", pictures.png_bytes(), "image/png", "household@springfield"),
            Attached("Referral.docx", referral),
            Attached("How is Rowan?", earlier),
        ],
    )
    path.write_bytes(msg(message))


def web_page(path: Path) -> None:
    """A page with a script, and a picture that is kept elsewhere."""
    path.write_text(writing.WEB_PAGE.format(picture="https://nursery.test/way.png"), encoding="utf-8")


def web_archive(path: Path) -> None:
    """The same page as a browser saves it, with its picture."""
    archive = EmailMessage()
    archive["From"] = "<Saved by Blink>"
    archive["Snapshot-Content-Location"] = "https://nursery.test/visit/"
    archive["Subject"] = "Café Kinder: opening hours"
    archive["Date"] = format_datetime(datetime(2026, 4, 15, 11, 0, tzinfo=UTC))
    archive.set_content(writing.WEB_PAGE.format(picture="https://nursery.test/way.png"), subtype="html")
    archive["Content-Location"] = "https://nursery.test/visit/"
    archive.add_related(pictures.png_bytes(), "image", "png")
    picture = list(archive.iter_parts())[-1]
    picture["Content-Location"] = "https://nursery.test/way.png"
    path.write_bytes(archive.as_bytes())
