"""Contact files (vCard, RFC 6350), as lines of a name and a value."""

from itertools import islice

from viewer.formats.mail.calendar import MAX_ENTRIES, CalendarEntry
from viewer.formats.mail.calendar_times import describe_moment
from viewer.formats.mail.content_lines import SOFT_LINE_BREAK, Component, parse_components, split_value
from viewer.formats.mail.message import Line, one_line

_TELEPHONES = {
    "CELL": "Mobile",
    "FAX": "Fax",
    "PAGER": "Pager",
    "WORK": "Work telephone",
    "HOME": "Home telephone",
}


def read_contacts(text: str) -> tuple[CalendarEntry, ...]:
    """What is in a file of contacts, the first `MAX_ENTRIES`.

    Raises:
        TooLarge: more than `MAX_LINES` lines.
    """
    if "QUOTED-PRINTABLE" in text[:100_000].upper():
        text = SOFT_LINE_BREAK.sub("", text)
    return tuple(
        _read_contact(one)
        for one in islice((one for one in parse_components(text) if one.name == "VCARD"), MAX_ENTRIES)
    )


def _read_contact(one: Component) -> CalendarEntry:
    name = one_line(one.text("FN")) or one_line(" ".join(split_value(one.first("N"))))
    lines: list[Line] = [("Name", name), ("Also known as", one_line(one.text("NICKNAME")))]
    lines += [
        ("Company", ", ".join(split_value(one.first("ORG")))),
        ("Job title", one_line(one.text("TITLE") or one.text("ROLE"))),
    ]
    for each in one.all("TEL")[:20]:
        types = each.parameters.get("TYPE", "").upper()
        called = next((words for kind, words in _TELEPHONES.items() if kind in types), "Telephone")
        lines.append((called, one_line(each.text).removeprefix("tel:")))
    lines += [("E-mail", one_line(each.text)) for each in one.all("EMAIL")[:20]]
    lines += [("Address", ", ".join(split_value(each))) for each in one.all("ADR")[:10]]
    born = one.first("BDAY")
    lines += [("Born", describe_moment(born, {})), ("Link", one_line(one.text("URL")))]
    return CalendarEntry(name, tuple((called, says) for called, says in lines if says), one.text("NOTE"))
