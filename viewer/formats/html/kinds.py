"""Web pages: by the first element, or by the headers of a saved page with its pictures."""

import re

from viewer.formats.document import Kind
from viewer.formats.raw_headers import field_names, field_value, find_headers
from viewer.formats.text.kinds import mostly_text

HTML_FILTER = "HTML (StarWriter)"
"""LibreOffice's name of what reads the pages that are made here."""
HTML = Kind("html", "Web page")
MHT = Kind("mht", "Saved web page")

_BEFORE = re.compile(r"\s*+(?:<\?xml[^>]{0,500}\?>|<!--(?:(?!-->).)*+(?:-->)?)", re.DOTALL)
_MAX_COMMENTS = 100
"""Comments before the first element."""
_ELEMENT = re.compile(
    r"\s*+<(?:!doctype\s+html|html|head|body|title|meta|table|div|center|font|p|h[1-6]|style|script|link|base"
    r"|frameset|noscript|form|span|section|article|main|header|ul|ol|dl|pre|br|hr|img|blockquote)\b"
    r"(?![^>]{0,500}/xsl)",
    re.IGNORECASE,
)
_ANY_DATA = re.compile(r"\s*+<(?:form|header|main|section|article|link|base|span)\b", re.IGNORECASE)
"""What elements of data are called too, behind a declaration of XML."""


def web_page_kind(head: bytes) -> Kind | None:
    """HTML, or a web archive; None for anything else."""
    if _begins_a_page(_text(head)) and mostly_text(head):
        return HTML
    found = find_headers(head)
    if found and _is_archive(found):
        return MHT
    return None


def has_open_comment(head: bytes) -> bool:
    """Whether the file begins with a comment that does not end within the bytes."""
    text = _text(head)
    at = _after_comments(text)
    return (
        at == len(text)
        and text.lstrip("\ufeff \t\r\n").startswith("<!--")
        and not text.rstrip().endswith("-->")
    )


def _begins_a_page(text: str) -> bool:
    at = _after_comments(text)
    is_xml = text[:at].lstrip("\ufeff \t\r\n").startswith("<?xml")
    return bool(_ELEMENT.match(text, at)) and not (is_xml and _ANY_DATA.match(text, at))


def _after_comments(text: str) -> int:
    at = 1 if text.startswith("\ufeff") else 0
    for _ in range(_MAX_COMMENTS):
        before = _BEFORE.match(text, at)
        if before is None:
            break
        at = before.end()
    return at


def _is_archive(found: bytes) -> bool:
    content_type = field_value(found, b"content-type").lower()
    if field_names(found) & {b"to", b"received", b"message-id", b"return-path"} or b"@" in field_value(
        found, b"from"
    ):
        return False
    related = content_type.startswith(b"multipart/related")
    return related or (content_type.startswith(b"text/html") and b"content-location" in field_names(found))


def _text(head: bytes) -> str:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    return head.removeprefix(b"\xef\xbb\xbf").decode(encoding, errors="replace")
