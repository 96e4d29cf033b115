"""E-mails: what is in one, whatever kind of file it came in. No adapters, no Flask."""

from collections.abc import Callable

from viewer.formats.mail.eml import read_eml
from viewer.formats.mail.letter import Enclosure, Letter
from viewer.formats.mail.msg import read_msg
from viewer.formats.mail.tnef import read_tnef

__all__ = ["READERS", "Enclosure", "Letter"]

READERS: dict[str, Callable[[bytes], Letter]] = {"eml": read_eml, "msg": read_msg, "tnef": read_tnef}
"""By the name of the kind. Each raises `Corrupt` or `TooLarge`."""
