"""Safe output to a terminal."""


def printable(untrusted_text: str) -> str:
    """Replace every character that a terminal might interpret as a control sequence."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in untrusted_text)
