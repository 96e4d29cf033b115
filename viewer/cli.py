"""For operations and information governance: `python -m viewer.cli --help`.

Works with the service's own settings, so inside its container. Exit codes: 0 done and well, 1 something is
wrong or nothing was found, 2 it could not be done.
"""

import argparse
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from viewer.audit import Audit, Entry, Outcome
from viewer.audit.retention import ChainBroken, NothingToPrune, Retention
from viewer.audit.search import COUNTED, Filter, Page, Search, WrongFilter, read_filter
from viewer.audit.spreadsheet import write_csv
from viewer.audit.verify import verify
from viewer.blocks import AlreadyBlocked, Block, Blocks, Kind, NoSuchBlock, NotBlockable, Subject
from viewer.errors import AuditUnavailable
from viewer.settings import Settings

Command = Callable[[argparse.Namespace, Audit], int]
"""Carries one command out, and gives the exit code."""

WELL, FOUND, IMPOSSIBLE = 0, 1, 2
_MOST_BREAKS = 20
_LINE = "{:>8}  {:19}  {:30}  {:20}  {:>12}  {}"
_BLOCK = "{:8}  {:30}  {:16}  {:30}  {}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and give the exit code."""
    options = _parser().parse_args(arguments)
    settings = Settings.load()
    audit = Audit(settings.audit_url.get_secret_value())
    options.keep_days_by_default = settings.audit_keep_days
    command: Command = options.run
    try:
        return command(options, audit)
    except AuditUnavailable as error:
        return _complain(f"The audit database cannot be used: {error}")
    finally:
        audit.database.close()


def audit_prepare(_options: argparse.Namespace, audit: Audit) -> int:
    """Make the tables, or bring those of the version before up to date."""
    audit.check()
    _show("The audit database is ready.")
    return WELL


def audit_head(_options: argparse.Namespace, audit: Audit) -> int:
    """Show the newest entry's hash, to be noted elsewhere."""
    head = audit.head()
    _show(f"{head.hash}  entry {head.id}")
    return WELL


def audit_verify(options: argparse.Namespace, audit: Audit) -> int:
    """Say whether the record is whole, and if not, where."""
    verdict = verify(audit.database, options.expect)
    for seal in verdict.seals:
        days = f"{seal.first_at[:10]} to {seal.last_at[:10]}"
        _show(f"pruned:   {seal.count:,} entries of {days}, by {_printable(seal.by)} on {seal.at[:10]}")
    _show(f"entries:  {verdict.entries:,}")
    _show(f"head:     {verdict.head.hash}  entry {verdict.head.id}")
    if not verdict.breaks:
        _show("whole:    yes")
        return WELL
    _show(f"whole:    NO, {len(verdict.breaks):,} places where it is not")
    for found in verdict.breaks[:_MOST_BREAKS]:
        _show(f"          {_printable(found.what)}")
    if len(verdict.breaks) > _MOST_BREAKS:
        _show("          …")
    return FOUND


def audit_search(options: argparse.Namespace, audit: Audit) -> int:
    """Show entries, the newest first. The search is itself on record."""
    try:
        wanted = _filter(options)
    except WrongFilter as error:
        return _complain(str(error))
    page = Search(audit.database).page(wanted, _acting(options, Outcome.SEARCHED), options.before)
    _show_page(page)
    return WELL if page.rows else FOUND


def audit_export(options: argparse.Namespace, audit: Audit) -> int:
    """Write every entry that fits to a CSV file. The export is itself on record."""
    try:
        wanted = _filter(options)
    except WrongFilter as error:
        return _complain(str(error))
    try:
        count, _ = _export(audit, wanted, options.file, options)
    except OSError as error:
        return _complain(f"{options.file} cannot be written: {error.strerror}")
    _show(f"{count:,} entries written to {options.file}")
    return WELL


def audit_prune(options: argparse.Namespace, audit: Audit) -> int:
    """Remove old entries, sealed and on record, after exporting them where that is wanted."""
    before = _limit(options)
    if before is None:
        return _complain("Say --before DAY or --keep-days N, or set AUDIT_KEEP_DAYS")
    retention = Retention(audit.database)
    retention.remove_what_is_sealed()
    try:
        going = retention.due(before)
        exported = None
        if options.export:
            last_day = Filter(until=(before - timedelta(microseconds=1)).date())
            _, exported = _export(audit, last_day, options.export, options, going.last_id)
        seal = retention.prune(going, _acting(options, Outcome.PRUNED), exported)
    except NothingToPrune:
        _show(f"No entry is older than {before:%-d %B %Y}.")
        return WELL
    except ChainBroken as error:
        return _complain(f"Nothing was removed, since the record is not whole: {error}")
    except OSError as error:
        return _complain(f"Nothing was removed, since {options.export} cannot be written: {error.strerror}")
    _show(f"{seal.count:,} entries removed, {seal.first_at[:10]} to {seal.last_at[:10]}; seal {seal.hash}")
    return WELL


def block_add(options: argparse.Namespace, audit: Audit) -> int:
    """Block a document, a Mosaic person's documents, or a member of staff."""
    try:
        subject = _subject(options)
        Blocks(audit.database).set(subject, options.reason, _acting(options, Outcome.BLOCK_SET))
    except NotBlockable as error:
        return _complain(str(error))
    except AlreadyBlocked:
        return _complain(f"{options.kind} {options.value} is blocked already")
    _show(f"blocked: {subject}, from the next request on")
    return WELL


def block_lift(options: argparse.Namespace, audit: Audit) -> int:
    """Lift a block."""
    try:
        subject = _subject(options)
        Blocks(audit.database).lift(subject, options.reason, _acting(options, Outcome.BLOCK_LIFTED))
    except NotBlockable as error:
        return _complain(str(error))
    except NoSuchBlock:
        return _complain(f"{options.kind} {options.value} is not blocked")
    _show(f"lifted: {subject}")
    return WELL


def block_list(options: argparse.Namespace, audit: Audit) -> int:
    """Show the blocks in force, or all there ever were."""
    blocks = Blocks(audit.database)
    found = blocks.history() if options.all else blocks.in_force()
    if not found:
        _show("No blocks.")
        return WELL
    _show(_BLOCK.format("state", "what", "set (UTC)", "by", "why"))
    for block in found:
        _show_block(block)
    return WELL


def _acting(options: argparse.Namespace, outcome: Outcome) -> Entry:
    """Who gave the command, for the record."""
    return Entry(f"cli-{secrets.token_hex(8)}", options.by.lower(), "command line", None, None, None, outcome)


def _filter(options: argparse.Namespace) -> Filter:
    return read_filter({each.name: getattr(options, each.name) for each in fields(Filter)})


def _limit(options: argparse.Namespace) -> datetime | None:
    """What is older than this goes: the beginning of a day, in UTC."""
    days = options.keep_days_by_default if options.keep_days is None else options.keep_days
    day = options.before or (None if days is None else datetime.now(UTC).date() - timedelta(days=days))
    return None if day is None else datetime.combine(day, time(), UTC)


def _export(
    audit: Audit, wanted: Filter, file: Path, options: argparse.Namespace, last_id: int | None = None
) -> tuple[int, str]:
    """Write the entries to a new file; say how many, and the file's SHA-256."""
    rows = Search(audit.database).export(wanted, _acting(options, Outcome.EXPORTED), last_id)
    return write_csv(rows, file)


def _subject(options: argparse.Namespace) -> Subject:
    kind = Kind(options.kind)
    value = options.value.lower() if kind is Kind.STAFF else options.value
    return Subject(kind, value, options.source if kind is Kind.DOCUMENT else "")


def _show_page(page: Page) -> None:
    _show(_LINE.format("entry", "when (UTC)", "who", "document", "person", "outcome"))
    for row in page.rows:
        document = " ".join(filter(None, (row["source"], row["document_id"], row["part"])))
        what = " ".join(filter(None, (row["outcome"], row["code"], row["detail"])))
        when = f"{row['at']:%Y-%m-%d %H:%M:%S}"
        cells = (row["actor"], document or "-", row["person"] or "-", what)
        _show(_LINE.format(row["id"], when, *map(_printable, cells)))
    total = f"more than {COUNTED:,}" if page.total > COUNTED else f"{page.total:,}"
    more = f"; older ones: --before {page.older}" if page.older else ""
    _show(f"\n{total} entries{more}")


def _show_block(block: Block) -> None:
    state = "in force" if block.lifted_at is None else "lifted"
    cells = (state, str(block.subject), f"{block.set_at:%Y-%m-%d %H:%M}", block.set_by, block.reason)
    _show(_BLOCK.format(*map(_printable, cells)))
    if block.lifted_at is not None:
        why = f"{block.lifted_at:%Y-%m-%d %H:%M}  {block.lifted_by}: {block.lifted_because}"
        _show(f"{'':8}  lifted {_printable(why)}")


def _printable(text: str) -> str:
    """Text that cannot play tricks on the terminal."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(what: str) -> int:
    sys.stderr.write(what + "\n")
    return IMPOSSIBLE


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m viewer.cli", description=__doc__)
    topics = parser.add_subparsers(dest="topic", required=True)
    _add_audit(topics.add_parser("audit", help="the record of who saw what"))
    _add_block(topics.add_parser("block", help="emergency blocks"))
    return parser


def _add_audit(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True)
    _command(commands, "prepare", audit_prepare)
    _command(commands, "head", audit_head)
    verifying = _command(commands, "verify", audit_verify)
    verifying.add_argument("--expect", metavar="HASH", help="a hash that was the head once")
    searching = _command(commands, "search", audit_search)
    _add_filter(searching)
    searching.add_argument("--before", type=int, metavar="ENTRY", help="only entries with lower numbers")
    exporting = _command(commands, "export", audit_export)
    exporting.add_argument("file", type=Path, help="a CSV file that is not there yet")
    _add_filter(exporting)
    pruning = _command(commands, "prune", audit_prune)
    limit = pruning.add_mutually_exclusive_group()
    limit.add_argument("--before", type=_day, metavar="DAY", help="remove what is older, such as 2020-01-01")
    limit.add_argument("--keep-days", type=int, metavar="N", help="by default AUDIT_KEEP_DAYS")
    pruning.add_argument("--export", type=Path, metavar="FILE", help="write them to this CSV file before")
    _add_by(pruning)


def _add_filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--document", dest="document_id", metavar="NUMBER")
    parser.add_argument("--source", metavar="NAME", help="the document system, such as edocs")
    parser.add_argument("--person", metavar="NUMBER", help="the Mosaic person")
    parser.add_argument("--staff", dest="actor", metavar="ADDRESS", help="the member of staff")
    parser.add_argument("--since", metavar="DAY", help="the first day, in UTC")
    parser.add_argument("--until", metavar="DAY", help="the last day, in UTC")
    parser.add_argument("--outcome", choices=list(Outcome))
    parser.add_argument("--reference", dest="request_id", metavar="ID", help="as an error page shows it")
    _add_by(parser)


def _add_block(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in (("add", block_add), ("lift", block_lift)):
        command = _command(commands, name, run)
        command.add_argument("kind", choices=list(Kind))
        command.add_argument("value", help="the document's number, the Mosaic person's, or an e-mail address")
        command.add_argument("--source", default="edocs", help="the document's system; edocs by default")
        command.add_argument("--reason", required=True, help="why; goes on record")
        _add_by(command)
    listing = _command(commands, "list", block_list)
    listing.add_argument("--all", action="store_true", help="those that were lifted, too")


def _add_by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", required=True, metavar="ADDRESS", help="who you are; goes on record")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Command,
) -> argparse.ArgumentParser:
    words = str(run.__doc__).splitlines()[0]
    command = commands.add_parser(name, help=words, description=words)
    command.set_defaults(run=run)
    return command


if __name__ == "__main__":
    sys.exit(main())
