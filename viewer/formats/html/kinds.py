"""Web pages: by the first element, or by the headers of a saved page with its pictures."""

import re

from viewer.formats.document import Kind
from viewer.formats.headers import field_names, headers, value_of
from viewer.formats.text.kinds import mostly_text

HTML_FILTER = "HTML (StarWriter)"
"""LibreOffice's name of what reads the pages that are made here."""
HTML = Kind("html", "Web page")
MHT = Kind("mht", "Saved web page")

_BEGINNING = re.compile(
    r"\ufeff?\s*(?:<\?xml[^>]{0,500}\?>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*){0,5}"
    r"<(?:!doctype\s+html|html|head|body|title|meta|table|div|center|font|p|h[1-6]|style)\b(?![^>]{0,500}/xsl)",
    re.IGNORECASE | re.DOTALL,
)


def web_page(head: bytes) -> Kind | None:
    """HTML, or a web archive; None for anything else."""
    if _BEGINNING.match(_text(head)) and mostly_text(head):
        return HTML
    found = headers(head)
    if found and _is_archive(found):
        return MHT
    return None


def _is_archive(found: bytes) -> bool:
    content_type = value_of(found, b"content-type").lower()
    if field_names(found) & {b"to", b"received", b"message-id", b"return-path"} or b"@" in value_of(
        found, b"from"
    ):
        return False
    related = content_type.startswith(b"multipart/related")
    return related or (content_type.startswith(b"text/html") and b"content-location" in field_names(found))


def _text(head: bytes) -> str:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    return head.removeprefix(b"\xef\xbb\xbf").decode(encoding, errors="replace")
