"""Who does something: the same three facts from sign-in to the audit record."""

import re
from dataclasses import dataclass

EMAIL = re.compile(r"[^@\s/?#%\x00-\x1f\x7f]{1,64}@[^@\s/?#%\x00-\x1f\x7f]{1,255}")
"""What an e-mail address of a person or a group may look like. It may stand in the path of an address."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or somebody at the command line, at one moment.

    Args:
        email: their address.
        network_address: where the request came from; ``command line`` for commands.
        request_id: the reference that logs, the audit and error pages carry.
    """

    email: str
    network_address: str
    request_id: str
