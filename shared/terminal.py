"""Text that is shown on a terminal."""


def printable(untrusted_text: str) -> str:
    """The text without anything that a terminal would act on."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in untrusted_text)
