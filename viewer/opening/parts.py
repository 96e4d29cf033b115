"""The way into a document: from the whole to the attachment, or the file in an archive, that is asked for."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from viewer.documents import Container, Kind, Original, Part
from viewer.errors import DocumentNotFound, PartNotFound
from viewer.formats.recognition import identify
from viewer.opening.intake import Intake, temporary_file


@dataclass(frozen=True, slots=True)
class Parts:
    """Finds what is inside documents.

    Args:
        containers: by the name of the kind.
        each: bytes that one part may have.
        together: bytes that may be unpacked on the way to one part.
    """

    containers: Mapping[str, Container]
    each: int
    together: int

    def of(self, file: BinaryIO, kind: Kind) -> tuple[Part, ...]:
        """What is directly inside a document of this kind; nothing where the kind holds nothing.

        Args:
            file: the document, rewound afterwards.
            kind: what it is.

        Raises:
            ViewerError: it cannot be read as what it is.
        """
        container = self.containers.get(kind.name)
        if container is None:
            return ()
        file.seek(0)
        try:
            return container.parts(file)
        finally:
            file.seek(0)

    def descend(self, original: Original, numbers: tuple[int, ...], files: ExitStack) -> Original:
        """The part to which the numbers lead; the original itself where there are none.

        Args:
            original: the document, rewound.
            numbers: positions, outermost first.
            files: closes the part's file.

        Raises:
            PartNotFound: there is no such part, or what should hold it holds nothing.
            TooLarge: beyond `each` or `together`.
            ViewerError: what is on the way cannot be read, and why.
        """
        left = self.together
        for number in numbers:
            original = self._extract(original, number, min(left, self.each), files)
            left -= original.size
        return original

    def _extract(self, whole: Original, number: int, cap: int, files: ExitStack) -> Original:
        container = self.containers.get(identify(whole, self.together).name)
        if container is None:
            raise PartNotFound("not a container")
        file = files.enter_context(temporary_file())
        intake = Intake(file, cap)
        whole.file.seek(0)
        try:
            part = container.extract(whole.file, number, intake)
        except DocumentNotFound as error:
            raise PartNotFound("no part of this number") from error
        file.seek(0)
        return Original(file, intake.size, intake.digest.hexdigest(), part.name)
