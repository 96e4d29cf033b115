"""`audit …`: the record of who saw what, searched, verified, exported, pruned."""

import argparse
import sys
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from shared.terminal import printable
from viewer.access import blocks, rates, revocations
from viewer.audit import Audit, Outcome
from viewer.audit.retention import ChainBroken, NothingToPrune, Retention
from viewer.audit.search import COUNTED, Filter, Page, Search, WrongFilter, read_filter
from viewer.audit.spreadsheet import csv_lines, write_csv
from viewer.audit.verify import verify
from viewer.commands.terminal import FOUND, WELL, acting, add_by, command, complain, show
from viewer.opening import claims, refusals
from viewer.settings import Settings

_KEEP_TABLES = (blocks, claims, rates, refusals, revocations)
"""Loaded for `prepare`, which makes the tables of every module that keeps one."""
_MOST_BREAKS = 20
_LINE = "{:>8}  {:19}  {:30}  {:20}  {:>12}  {}"


def add_audit(parser: argparse.ArgumentParser) -> None:
    """Add the commands."""
    commands = parser.add_subparsers(dest="command", required=True)
    command(commands, "prepare", audit_prepare)
    command(commands, "head", audit_head)
    verifying = command(commands, "verify", audit_verify)
    verifying.add_argument("--expect", metavar="HASH", help="a hash that was the head once")
    searching = command(commands, "search", audit_search)
    _add_filter(searching)
    searching.add_argument("--before", type=int, metavar="ENTRY", help="only entries with lower numbers")
    exporting = command(commands, "export", audit_export)
    exporting.add_argument(
        "file", type=Path, help="a CSV file that is not there yet, or - for standard output"
    )
    _add_filter(exporting)
    pruning = command(commands, "prune", audit_prune)
    limit = pruning.add_mutually_exclusive_group()
    limit.add_argument("--before", type=_day, metavar="DAY", help="remove what is older, such as 2020-01-01")
    limit.add_argument("--keep-days", type=int, metavar="N", help="by default AUDIT_KEEP_DAYS")
    pruning.add_argument("--export", type=Path, metavar="FILE", help="write them to this CSV file before")
    add_by(pruning)


def _add_filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--document", dest="document_id", metavar="NUMBER")
    parser.add_argument("--source", metavar="NAME", help="the document system, such as edocs")
    parser.add_argument("--person", metavar="NUMBER", help="the Mosaic person")
    parser.add_argument("--staff", dest="email", metavar="ADDRESS", help="the member of staff")
    parser.add_argument("--since", metavar="DAY", help="the first day, in UTC")
    parser.add_argument("--until", metavar="DAY", help="the last day, in UTC")
    parser.add_argument("--outcome", choices=list(Outcome))
    parser.add_argument("--reference", dest="request_id", metavar="ID", help="as an error page shows it")
    add_by(parser)


def audit_prepare(_options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Make the tables that are missing."""
    audit.check()
    show("The audit database is ready.")
    return WELL


def audit_head(_options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Show the newest entry's hash, to be noted elsewhere."""
    head = audit.head()
    show(f"{head.hash}  entry {head.id}")
    return WELL


def audit_verify(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Say whether the record is whole, and if not, where."""
    verdict = verify(audit.database, options.expect)
    for seal in verdict.seals:
        days = f"{seal.first_at[:10]} to {seal.last_at[:10]}"
        show(f"pruned:   {seal.count:,} entries of {days}, by {printable(seal.by)} on {seal.at[:10]}")
    show(f"entries:  {verdict.entries:,}")
    show(f"head:     {verdict.head.hash}  entry {verdict.head.id}")
    if not verdict.breaks:
        show("whole:    yes")
        return WELL
    show(f"whole:    NO, {len(verdict.breaks):,} places where it is not")
    for found in verdict.breaks[:_MOST_BREAKS]:
        show(f"          {printable(found.what)}")
    if len(verdict.breaks) > _MOST_BREAKS:
        show("          …")
    return FOUND


def audit_search(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Show entries, the newest first. The search is itself on record."""
    try:
        wanted = _filter(options)
    except WrongFilter as error:
        return complain(str(error))
    page = Search(audit.database).page(wanted, acting(options), options.before)
    _show_page(page)
    return WELL if page.rows else FOUND


def audit_export(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Write every entry that fits to a CSV file. The export is itself on record."""
    try:
        wanted = _filter(options)
    except WrongFilter as error:
        return complain(str(error))
    if str(options.file) == "-":
        rows = Search(audit.database).export(wanted, acting(options))
        sys.stdout.writelines(csv_lines(rows))
        return WELL
    try:
        count, _ = _export(audit, wanted, options.file, options)
    except OSError as error:
        return complain(f"{options.file} cannot be written: {error.strerror}")
    show(f"{count:,} entries written to {options.file}")
    return WELL


def audit_prune(options: argparse.Namespace, settings: Settings, audit: Audit) -> int:
    """Remove old entries, sealed and on record, after exporting them where that is wanted."""
    before = _limit(options, settings)
    if before is None:
        return complain("Say --before DAY or --keep-days N, or set AUDIT_KEEP_DAYS")
    retention = Retention(audit.database)
    try:
        retention.remove_what_is_sealed()
        going = retention.due(before)
        exported = None
        if options.export:
            last_day = Filter(until=(before - timedelta(microseconds=1)).date())
            _, exported = _export(audit, last_day, options.export, options, going.last_id)
        seal = retention.prune(going, acting(options), exported)
    except NothingToPrune:
        show(f"No entry is older than {before:%-d %B %Y}.")
        return WELL
    except ChainBroken as error:
        return complain(f"Nothing was removed, since the record is not whole: {error}")
    except OSError as error:
        return complain(f"Nothing was removed, since {options.export} cannot be written: {error.strerror}")
    show(f"{seal.count:,} entries removed, {seal.first_at[:10]} to {seal.last_at[:10]}; seal {seal.hash}")
    return WELL


def _filter(options: argparse.Namespace) -> Filter:
    return read_filter({each.name: getattr(options, each.name) for each in fields(Filter)})


def _limit(options: argparse.Namespace, settings: Settings) -> datetime | None:
    """What is older than this goes: the beginning of a day, in UTC."""
    days = settings.audit_keep_days if options.keep_days is None else options.keep_days
    day = options.before or (None if days is None else datetime.now(UTC).date() - timedelta(days=days))
    return None if day is None else datetime.combine(day, time(), UTC)


def _export(
    audit: Audit, wanted: Filter, file: Path, options: argparse.Namespace, last_id: int | None = None
) -> tuple[int, str]:
    """Write the entries to a new file; say how many, and the file's SHA-256."""
    rows = Search(audit.database).export(wanted, acting(options), last_id)
    return write_csv(rows, file)


def _show_page(page: Page) -> None:
    show(_LINE.format("entry", "when (UTC)", "who", "document", "person", "outcome"))
    for row in page.rows:
        document = " ".join(filter(None, (row["source"], row["document_id"], row["part"])))
        what = " ".join(filter(None, (row["outcome"], row["code"], row["detail"])))
        when = f"{row['at']:%Y-%m-%d %H:%M:%S}"
        cells = (row["email"], document or "-", row["person"] or "-", what)
        show(_LINE.format(row["id"], when, *map(printable, cells)))
    total = f"more than {COUNTED:,}" if page.total > COUNTED else f"{page.total:,}"
    more = f"; older ones: --before {page.older}" if page.older else ""
    show(f"\n{total} entries{more}")


def _day(text: str) -> date:
    return date.fromisoformat(text)
