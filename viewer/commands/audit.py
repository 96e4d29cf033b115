"""The `audit` commands, which search, verify, export and prune the record of who saw what."""

import argparse
import re
import sys
import time as time_module
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from shared.terminal import printable
from viewer.access import blocks, rates, revocations
from viewer.audit import Audit, Entry, Outcome
from viewer.audit.backup import InvalidBackup, restore, write_backup
from viewer.audit.chain import ChainPosition
from viewer.audit.retention import ChainBroken, NothingToPrune, Retention
from viewer.audit.search import COUNT_LIMIT, Filter, InvalidFilter, Page, Search, parse_filter
from viewer.audit.spreadsheet import csv_lines, write_csv
from viewer.audit.verify import verify
from viewer.commands.terminal import (
    EXIT_OK,
    EXIT_PROBLEM,
    add_by_option,
    add_command,
    command_actor,
    fail,
    show,
)
from viewer.errors import AuditUnavailable
from viewer.opening import claims, refusals, unstored
from viewer.settings import Settings

_KEEP_TABLES = (blocks, claims, rates, refusals, revocations, unstored)
"""Modules that define tables; importing them lets `init` and `prepare` create every table."""
_MAX_ERRORS = 20
_LINE = "{:>8}  {:19}  {:30}  {:20}  {:>12}  {}"


def add_audit(parser: argparse.ArgumentParser) -> None:
    """Add the commands."""
    commands = parser.add_subparsers(dest="command", required=True)
    add_command(commands, "init", audit_init)
    add_command(commands, "prepare", audit_prepare)
    backing_up = add_command(commands, "backup", audit_backup)
    backing_up.add_argument("folder", type=Path, help="where backups are kept, on another disk")
    backing_up.add_argument(
        "--keep", type=int, default=48, metavar="N", help="delete older backups beyond so many; 48 by default"
    )
    backing_up.add_argument(
        "--every-minutes", type=float, metavar="N", help="go on until stopped, with a backup every N minutes"
    )
    restoring = add_command(commands, "restore", audit_restore)
    restoring.add_argument("file", type=Path, help="a backup")
    restoring.add_argument(
        "--noted",
        type=_noted,
        metavar="ENTRY:HASH",
        help="the newest entry that the logs noted (`audit head`), to tell what is lost",
    )
    add_by_option(restoring)
    add_command(commands, "head", audit_head)
    verifying = add_command(commands, "verify", audit_verify)
    verifying.add_argument(
        "--expect", metavar="HASH", help="the hash of the newest entry as it was noted earlier"
    )
    searching = add_command(commands, "search", audit_search)
    _add_filter(searching)
    searching.add_argument("--before", type=int, metavar="ENTRY", help="only entries with lower numbers")
    exporting = add_command(commands, "export", audit_export)
    exporting.add_argument(
        "file", type=Path, help="a CSV file that is not there yet, or - for standard output"
    )
    _add_filter(exporting)
    pruning = add_command(commands, "prune", audit_prune)
    limit = pruning.add_mutually_exclusive_group()
    limit.add_argument(
        "--before", type=_day, metavar="DAY", help="remove entries older than this day, such as 2020-01-01"
    )
    limit.add_argument(
        "--keep-days",
        type=int,
        metavar="N",
        help="remove entries older than N days; AUDIT_KEEP_DAYS by default",
    )
    pruning.add_argument(
        "--export", type=Path, metavar="FILE", help="write the entries to this CSV file first"
    )
    add_by_option(pruning)


def _add_filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--document", dest="document_id", metavar="NUMBER")
    parser.add_argument("--source", metavar="NAME", help="the document system, such as edocs")
    parser.add_argument("--person", metavar="NUMBER", help="the Mosaic person")
    parser.add_argument("--staff", dest="email", metavar="ADDRESS", help="the member of staff")
    parser.add_argument("--since", metavar="DAY", help="the first day, in UTC")
    parser.add_argument("--until", metavar="DAY", help="the last day, in UTC")
    parser.add_argument("--outcome", choices=list(Outcome))
    parser.add_argument("--reference", dest="request_id", metavar="ID", help="as an error page shows it")
    add_by_option(parser)


def audit_init(_options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Create the empty record of a new service; a record that is there already is never touched."""
    with audit.database.create():
        pass
    show("The audit record was created.")
    return EXIT_OK


def audit_backup(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Write a backup of the record into a folder; viewers may go on writing meanwhile."""
    while True:
        code = _back_up(audit, options.folder, options.keep)
        if options.every_minutes is None:
            return code
        time_module.sleep(options.every_minutes * 60)


def _back_up(audit: Audit, folder: Path, keep: int) -> int:
    file = folder / f"audit-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl.gz"
    try:
        backup = write_backup(audit.database, file)
        for old in sorted(folder.glob("audit-*.jsonl.gz"))[: -max(1, keep)]:
            old.unlink()
    except OSError as error:
        return fail(f"{folder} cannot be written: {error.strerror}")
    except AuditUnavailable as error:
        return fail(f"No backup was made, since the audit database cannot be used: {error}")
    show(f"{backup.rows:,} rows up to entry {backup.head.id} written to {file}")
    return EXIT_OK


def audit_restore(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Create the record from a backup, while no viewer runs, and tell what is lost; recorded."""
    try:
        restored = restore(audit.database, options.file)
    except InvalidBackup as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{options.file} cannot be read: {error.strerror}")
    head = restored.backup.head
    lost = _lost(head, options.noted)
    detail = f"backup of {restored.backup.made}, up to entry {head.id}; lost: {lost}"
    audit.record(Entry(command_actor(options), Outcome.RESTORED, detail=detail))
    show(f"restored: {restored.backup.rows:,} rows of {restored.backup.made}, up to entry {head.id}")
    show(f"lost:     {lost}")
    show(f"whole:    {'NO' if restored.verification.errors else 'yes'}")
    for found in restored.verification.errors[:_MAX_ERRORS]:
        show(f"          {printable(found.message)}")
    return EXIT_PROBLEM if restored.verification.errors else EXIT_OK


def _lost(head: ChainPosition, noted: ChainPosition | None) -> str:
    """What a restored record lacks, measured by the newest entry that was noted elsewhere."""
    if noted is None:
        return f"every entry after {head.id}; without --noted it is not known how many"
    if noted.id > head.id:
        return f"entries {head.id + 1} to {noted.id} at least, which are {noted.id - head.id:,}"
    if noted.id == head.id and noted.hash != head.hash:
        return f"entry {noted.id} as it was noted: the backup is of another record"
    return f"nothing up to entry {noted.id}, which was noted"


def audit_prepare(_options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Add the tables beside the record that a new version of the program needs."""
    audit.check()
    show("The audit database is ready.")
    return EXIT_OK


def audit_head(_options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Print the number and hash of the newest entry, to be kept elsewhere."""
    head = audit.head()
    show(f"{head.hash}  entry {head.id}")
    return EXIT_OK


def audit_verify(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Verify the record, and list the places where it is broken."""
    result = verify(audit.database, options.expect)
    for seal in result.seals:
        days = f"{seal.first_at[:10]} to {seal.last_at[:10]}"
        show(f"pruned:   {seal.count:,} entries of {days}, by {printable(seal.by)} on {seal.at[:10]}")
    show(f"entries:  {result.entries:,}")
    show(f"head:     {result.head.hash}  entry {result.head.id}")
    if not result.errors:
        show("whole:    yes")
        return EXIT_OK
    show(f"whole:    NO, {len(result.errors):,} places where it is not")
    for found in result.errors[:_MAX_ERRORS]:
        show(f"          {printable(found.message)}")
    if len(result.errors) > _MAX_ERRORS:
        show("          …")
    return EXIT_PROBLEM


def audit_search(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Show entries, newest first; the search itself is recorded."""
    try:
        criteria = _filter(options)
    except InvalidFilter as error:
        return fail(str(error))
    page = Search(audit.database).page(criteria, command_actor(options), options.before)
    _show_page(page)
    return EXIT_OK if page.rows else EXIT_PROBLEM


def audit_export(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Write every matching entry to a CSV file; the export itself is recorded."""
    try:
        criteria = _filter(options)
    except InvalidFilter as error:
        return fail(str(error))
    if str(options.file) == "-":
        rows = Search(audit.database).export(criteria, command_actor(options))
        sys.stdout.writelines(csv_lines(rows))
        return EXIT_OK
    try:
        count, _ = _export(audit, criteria, options.file, options)
    except OSError as error:
        return fail(f"{options.file} cannot be written: {error.strerror}")
    show(f"{count:,} entries written to {options.file}")
    return EXIT_OK


def audit_prune(options: argparse.Namespace, settings: Settings, audit: Audit) -> int:
    """Remove old entries after sealing and, on request, exporting them; the removal is recorded."""
    before = _limit(options, settings)
    if before is None:
        return fail("Say --before DAY or --keep-days N, or set AUDIT_KEEP_DAYS")
    retention = Retention(audit.database)
    try:
        retention.delete_sealed()
        batch = retention.select_expired(before)
        exported = None
        if options.export:
            last_day = Filter(until=(before - timedelta(microseconds=1)).date())
            _, exported = _export(audit, last_day, options.export, options, batch.last_id)
        seal = retention.prune(batch, command_actor(options), exported)
    except NothingToPrune:
        show(f"No entry is older than {before:%-d %B %Y}.")
        return EXIT_OK
    except ChainBroken as error:
        return fail(f"Nothing was removed, since the record is not whole: {error}")
    except OSError as error:
        return fail(f"Nothing was removed, since {options.export} cannot be written: {error.strerror}")
    show(f"{seal.count:,} entries removed, {seal.first_at[:10]} to {seal.last_at[:10]}; seal {seal.hash}")
    return EXIT_OK


def _filter(options: argparse.Namespace) -> Filter:
    return parse_filter({each.name: getattr(options, each.name) for each in fields(Filter)})


def _limit(options: argparse.Namespace, settings: Settings) -> datetime | None:
    """The time before which entries are removed: the start of a day in UTC; None where none is set."""
    days = settings.audit_keep_days if options.keep_days is None else options.keep_days
    day = options.before or (None if days is None else datetime.now(UTC).date() - timedelta(days=days))
    return None if day is None else datetime.combine(day, time(), UTC)


def _export(
    audit: Audit, criteria: Filter, file: Path, options: argparse.Namespace, last_id: int | None = None
) -> tuple[int, str]:
    """Write the entries to a new file; return their number and the file's SHA-256."""
    rows = Search(audit.database).export(criteria, command_actor(options), last_id)
    return write_csv(rows, file)


def _show_page(page: Page) -> None:
    show(_LINE.format("entry", "when (UTC)", "who", "document", "person", "outcome"))
    for row in page.rows:
        document = " ".join(filter(None, (row["source"], row["document_id"], row["part"])))
        what = " ".join(filter(None, (row["outcome"], row["code"], row["detail"])))
        when = f"{row['at']:%Y-%m-%d %H:%M:%S}"
        cells = (row["email"], document or "-", row["person"] or "-", what)
        show(_LINE.format(row["id"], when, *map(printable, cells)))
    total = f"more than {COUNT_LIMIT:,}" if page.total > COUNT_LIMIT else f"{page.total:,}"
    more = f"; older ones: --before {page.older}" if page.older else ""
    show(f"\n{total} entries{more}")


def _noted(text: str) -> ChainPosition:
    noted = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text)
    if not noted:
        raise argparse.ArgumentTypeError("not the number and the hash of an entry, with a colon between them")
    return ChainPosition(int(noted[1]), noted[2])


def _day(text: str) -> date:
    return date.fromisoformat(text)
