"""The person who makes a request or runs a command, as logs and the audit record name them."""

import re
from dataclasses import dataclass

EMAIL = re.compile(r"[^@\s/?#%\x00-\x1f\x7f]{1,64}@[^@\s/?#%\x00-\x1f\x7f]{1,255}")
"""The form of the e-mail address of a person or a group; every match is safe in a URL path."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind one request or one command.

    Args:
        email: the person's e-mail address.
        network_address: the client's network address; ``command line`` for commands.
        request_id: the reference that logs, the audit and error pages show.
    """

    email: str
    network_address: str
    request_id: str
