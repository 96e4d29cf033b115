"""A message's usual headers, and a message with a text and an attachment, for the tests of e-mails."""

from datetime import UTC, datetime

from tests.viewer.formats.opening import read

SENT = datetime(2026, 3, 4, 14, 5, tzinfo=UTC)
HEADERS = (
    "Received: from a by b; Tue, 3 Mar 2026 09:00:00 +0000\r\nFrom: Ana <a@school.test>\r\n"
    "To: Bo <b@council.test>\r\nSubject: Visit\r\nDate: Tue, 3 Mar 2026 09:00:00 +0000\r\n"
    "Message-ID: <1@school.test>\r\nMIME-Version: 1.0\r\n"
)
_MIXED = (
    "Content-Type: multipart/mixed; "
    'boundary="m"\r\n\r\n--m\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    "On Friday.\r\n--m\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; "
    "filename=dates.csv\r\n\r\n"
    "a,b\r\n--m--\r\n"
)
MIXED_MESSAGE = HEADERS + _MIXED


def page_of(message: bytes | str) -> str:
    """The HTML that a message becomes."""
    return read(message.encode() if isinstance(message, str) else message)[1].decode()
