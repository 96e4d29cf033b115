"""`refusals …`: files that are refused without being tried again, listed and cleared."""

import argparse
from collections.abc import Callable

from viewer.commands.terminal import FOUND, WELL, complain, plain_command, show
from viewer.errors import StoreUnavailable
from viewer.opening.store import ObjectStore
from viewer.settings import Settings

_REFUSAL = "{:20}  {:16}  {:16}  {}"
_SHORTEST_KEY = 12
"""Digits of the hash: as many as the log shows."""
_TIME = "%Y-%m-%d %H:%M"

OnStore = Callable[[argparse.Namespace, ObjectStore], int]


def add_refusals(parser: argparse.ArgumentParser) -> None:
    """Add the commands."""
    commands = parser.add_subparsers(dest="command", required=True)
    plain_command(commands, "list", refusals_list, _with_store(refusals_list))
    clearing = plain_command(commands, "clear", refusals_clear, _with_store(refusals_clear))
    which = clearing.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "key", nargs="?", type=_key, metavar="KEY", help="as listed, or its first 12 digits or more"
    )
    which.add_argument("--all", action="store_true", help="every one")


def refusals_list(_options: argparse.Namespace, store: ObjectStore) -> int:
    """Show the files that are refused without being tried again: why, since when, until when, which."""
    refusals = store.refusals()
    if not refusals:
        show("Nothing is refused.")
        return WELL
    show(_REFUSAL.format("why", "since (UTC)", "until (UTC)", "key: the SHA-256, and the recipe"))
    for each in refusals:
        show(_REFUSAL.format(each.code, f"{each.since:{_TIME}}", f"{each.until:{_TIME}}", each.key))
    return WELL


def refusals_clear(options: argparse.Namespace, store: ObjectStore) -> int:
    """Forget refusals, so that these files are tried again when somebody opens them."""
    found = [each.key for each in store.refusals() if options.all or each.key.startswith(options.key)]
    for key in found:
        store.forget(key)
    show(f"{len(found)} forgotten")
    return WELL if found or options.all else FOUND


def _with_store(run: OnStore) -> Callable[[argparse.Namespace, Settings], int]:
    def opened(options: argparse.Namespace, settings: Settings) -> int:
        try:
            return run(options, ObjectStore(settings.store_url, settings.rendition_hours))
        except StoreUnavailable as error:
            return complain(f"The store cannot be used: {error.__cause__ or 'unknown error'}")

    return opened


def _key(text: str) -> str:
    if len(text) < _SHORTEST_KEY:
        raise argparse.ArgumentTypeError(f"{_SHORTEST_KEY} characters at least")
    return text
