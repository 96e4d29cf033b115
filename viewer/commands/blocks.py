"""The `block` commands, which set, lift and list emergency blocks."""

import argparse

from shared.terminal import printable
from viewer.access.blocks import AlreadyBlocked, Block, BlockKind, Blocks, NoSuchBlock, NotBlockable, Subject
from viewer.audit import Audit
from viewer.commands.terminal import EXIT_OK, add_by_option, add_command, command_actor, fail, show
from viewer.settings import Settings

_BLOCK = "{:8}  {:30}  {:16}  {:30}  {}"


def add_block(parser: argparse.ArgumentParser) -> None:
    """Add the commands."""
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in (("add", block_add), ("lift", block_lift)):
        changing = add_command(commands, name, run)
        changing.add_argument("kind", choices=list(BlockKind))
        changing.add_argument(
            "value", help="the document's number, the Mosaic person's, or an e-mail address"
        )
        changing.add_argument("--source", default="edocs", help="the document system; edocs by default")
        changing.add_argument("--reason", required=True, help="why; goes on record")
        add_by_option(changing)
    listing = add_command(commands, "list", block_list)
    listing.add_argument("--all", action="store_true", help="include blocks that were lifted")


def block_add(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Block a document, a Mosaic person's documents, or a member of staff."""
    try:
        subject = _subject(options)
        Blocks(audit.database).set(subject, options.reason, command_actor(options))
    except NotBlockable as error:
        return fail(str(error))
    except AlreadyBlocked:
        return fail(f"{options.kind} {options.value} is blocked already")
    show(f"blocked: {subject}, from the next request on")
    return EXIT_OK


def block_lift(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Lift a block."""
    try:
        subject = _subject(options)
        Blocks(audit.database).lift(subject, options.reason, command_actor(options))
    except NotBlockable as error:
        return fail(str(error))
    except NoSuchBlock:
        return fail(f"{options.kind} {options.value} is not blocked")
    show(f"lifted: {subject}")
    return EXIT_OK


def block_list(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """Show the active blocks, or all blocks ever set."""
    blocks = Blocks(audit.database)
    found = blocks.history() if options.all else blocks.in_force()
    if not found:
        show("No blocks.")
        return EXIT_OK
    show(_BLOCK.format("state", "what", "set (UTC)", "by", "why"))
    for block in found:
        _show_block(block)
    return EXIT_OK


def _subject(options: argparse.Namespace) -> Subject:
    kind = BlockKind(options.kind)
    value = options.value.lower() if kind is BlockKind.STAFF else options.value
    return Subject(kind, value, options.source if kind is BlockKind.DOCUMENT else "")


def _show_block(block: Block) -> None:
    state = "in force" if block.lifted_at is None else "lifted"
    cells = (state, str(block.subject), f"{block.set_at:%Y-%m-%d %H:%M}", block.set_by, block.reason)
    show(_BLOCK.format(*map(printable, cells)))
    if block.lifted_at is not None:
        why = f"{block.lifted_at:%Y-%m-%d %H:%M}  {block.lifted_by}: {block.lifted_because}"
        show(f"{'':8}  lifted {printable(why)}")
