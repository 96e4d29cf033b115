"""Taking a part out, as the pipeline does: counted, and no further than a cap."""

import io

from viewer.documents import Container, Part
from viewer.errors import TooLarge


class Basket:
    """A sink that keeps what it is given."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.taken = bytearray()
        self.largest = 0

    def write(self, chunk: bytes, /) -> None:
        self.largest = max(self.largest, len(chunk))
        self.taken += chunk
        if len(self.taken) > self.cap:
            raise TooLarge


def parts(container: Container, body: bytes) -> tuple[Part, ...]:
    return container.parts(io.BytesIO(body))


def extract(container: Container, body: bytes, number: int, cap: int = 10_000_000) -> tuple[Part, bytes]:
    basket = Basket(cap)
    part = container.extract(io.BytesIO(body), number, basket)
    return part, bytes(basket.taken)
