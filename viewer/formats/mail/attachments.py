"""What came with an e-mail: its attachments, other messages among them."""

from collections.abc import Callable
from typing import BinaryIO

from viewer.documents import Part, Sink
from viewer.errors import DocumentNotFound, TooLarge, ViewerError
from viewer.formats.html.markup import Fragment
from viewer.formats.mail import Letter
from viewer.formats.mail.letter import file_name
from viewer.formats.mail.page import attachments, body_of

MAX_MESSAGE = 256 * 1024 * 1024
"""Bytes of a message that is read as a container."""
_CHUNK = 1024 * 1024


class MailContainer:
    """The `Container` for one kind of message.

    Pictures that the body shows are no parts. The numbers count them all the same, so that they stay as they
    are whatever the body can show.
    """

    recipe = "mail-1"

    def __init__(self, read: Callable[[bytes], Letter]) -> None:
        """Read nothing yet.

        Args:
            read: one of `viewer.formats.mail.READERS`.
        """
        self._read = read

    def parts(self, file: BinaryIO) -> tuple[Part, ...]:
        """See `Container.parts`."""
        letter = self._letter(file)
        return tuple(
            Part(number, file_name(one.name, number, one.media_type), one.size)
            for number, one in attachments(letter, _body(letter))
        )

    def extract(self, file: BinaryIO, number: int, into: Sink) -> Part:
        """See `Container.extract`. A message that Outlook keeps inside another is written anew as one."""
        enclosures = self._letter(file).enclosures
        if not 1 <= number <= len(enclosures):
            raise DocumentNotFound
        one = enclosures[number - 1]
        body = one.read()
        for at in range(0, len(body), _CHUNK):
            into.write(body[at : at + _CHUNK])
        return Part(number, file_name(one.name, number, one.media_type), len(body))

    def _letter(self, file: BinaryIO) -> Letter:
        original = file.read(MAX_MESSAGE + 1)
        if len(original) > MAX_MESSAGE:
            raise TooLarge("message")
        return self._read(original)


def _body(letter: Letter) -> Fragment:
    """The body as far as it tells which pictures it shows; where it cannot be read, it shows none."""
    if not any(name in (letter.html or "") for one in letter.enclosures for name in one.content_ids):
        return Fragment()
    try:
        return body_of(letter)
    except ViewerError:
        return Fragment()
