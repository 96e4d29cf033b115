"""The `refusals` commands, which list and clear files that are refused without being tried again."""

import argparse
from datetime import UTC, datetime, timedelta

from shared.terminal import printable
from viewer.audit import Audit
from viewer.commands.terminal import EXIT_OK, EXIT_PROBLEM, add_command, fail, show
from viewer.errors import BY_CODE
from viewer.opening.refusals import Refusals
from viewer.settings import Settings

_REFUSAL = "{:20}  {:16}  {:16}  {}  {}"
_MIN_KEY_LENGTH = 12
"""The number of hash digits that log lines show."""
_TIME = "%Y-%m-%d %H:%M"


def add_refusals(parser: argparse.ArgumentParser) -> None:
    """Add the commands."""
    commands = parser.add_subparsers(dest="command", required=True)
    add_command(commands, "list", refusals_list)
    clearing = add_command(commands, "clear", refusals_clear)
    clearing.add_argument(
        "key", nargs="?", type=_key, metavar="KEY", help="as listed, or its first 12 digits or more"
    )
    clearing.add_argument("--all", action="store_true", help="every one")
    clearing.add_argument("--code", choices=sorted(BY_CODE), metavar="CODE", help="for this reason")
    clearing.add_argument(
        "--since",
        type=_first,
        metavar="TIME",
        help="since this day or minute, such as '2026-11-28 05:10', UTC",
    )
    clearing.add_argument(
        "--until", type=_last, metavar="TIME", help="until this day or minute, itself included, UTC"
    )


def refusals_list(_options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Show each file that is refused without being tried again, with the reason and the period."""
    refusals = Refusals(audit.database).in_force()
    if not refusals:
        show("Nothing is refused.")
        return EXIT_OK
    show(_REFUSAL.format("why", "since (UTC)", "until (UTC)", "key: the SHA-256, and the recipe", "evidence"))
    for each in refusals:
        since, until = f"{each.since:{_TIME}}", f"{each.until:{_TIME}}"
        show(_REFUSAL.format(each.code, since, until, each.key, printable(each.evidence)))
    return EXIT_OK


def refusals_clear(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Clear refusals, so that these files are tried again when somebody opens them."""
    refusals = Refusals(audit.database)
    filters = [options.code, options.since, options.until]
    if [options.key is not None, options.all, any(filters)].count(True) != 1:
        return fail("Give a key, or --all, or any of --code, --since and --until.")
    count = _clear_key(refusals, options.key) if options.key else refusals.forget_where(*filters)
    show(f"{count} cleared")
    return EXIT_OK if count or options.all else EXIT_PROBLEM


def _clear_key(refusals: Refusals, beginning: str) -> int:
    found = [each.key for each in refusals.in_force() if each.key.startswith(beginning)]
    for key in found:
        refusals.forget(key)
    return len(found)


def _key(text: str) -> str:
    if len(text) < _MIN_KEY_LENGTH:
        raise argparse.ArgumentTypeError(f"{_MIN_KEY_LENGTH} characters at least")
    return text


def _first(text: str) -> datetime:
    return _span(text)[0]


def _last(text: str) -> datetime:
    return _span(text)[1]


def _span(text: str) -> tuple[datetime, datetime]:
    """The start and the end of the day or minute that the text names, in UTC."""
    for form, length in (("%Y-%m-%d", timedelta(days=1)), (_TIME, timedelta(minutes=1))):
        try:
            start = datetime.strptime(text.replace("T", " "), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return start, start + length
    raise argparse.ArgumentTypeError("write a day or a minute, such as 2026-11-28 or '2026-11-28 05:10'")
