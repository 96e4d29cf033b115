"""For operations: `python -m viewer.cli --help`.

Works with the service's own settings, so inside its container. Exit codes: 0 done, 1 nothing was found, 2 it
could not be done.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from viewer.errors import StoreUnavailable
from viewer.settings import Settings
from viewer.store import ObjectStore

DONE, NOT_FOUND, IMPOSSIBLE = 0, 1, 2
_REFUSAL = "{:20}  {:16}  {:16}  {}"
_SHORTEST_KEY = 12
"""Digits of the hash: as many as the log shows."""
_TIME = "%Y-%m-%d %H:%M"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and give the exit code."""
    options = _parser().parse_args(arguments)
    settings = Settings.load()
    command: Callable[[argparse.Namespace, Settings], int] = options.run
    try:
        return command(options, settings)
    except StoreUnavailable as error:
        return _complain(f"The store cannot be used: {error.__cause__ or 'unknown error'}")


def refusals_list(_options: argparse.Namespace, settings: Settings) -> int:
    """Show the files that are refused without being tried again: why, since when, until when, which."""
    refusals = _store(settings).refusals()
    if not refusals:
        _show("Nothing is refused.")
        return DONE
    _show(_REFUSAL.format("why", "since (UTC)", "until (UTC)", "key: the SHA-256, and the recipe"))
    for refusal in refusals:
        _show(
            _REFUSAL.format(refusal.code, f"{refusal.since:{_TIME}}", f"{refusal.until:{_TIME}}", refusal.key)
        )
    return DONE


def refusals_clear(options: argparse.Namespace, settings: Settings) -> int:
    """Forget refusals, so that these files are tried again when somebody opens them."""
    store = _store(settings)
    found = [each.key for each in store.refusals() if options.all or each.key.startswith(options.key)]
    for key in found:
        store.forget(key)
    _show(f"{len(found)} forgotten")
    return DONE if found or options.all else NOT_FOUND


def _store(settings: Settings) -> ObjectStore:
    return ObjectStore(settings.store_url, settings.rendition_hours)


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(what: str) -> int:
    sys.stderr.write(what + "\n")
    return IMPOSSIBLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m viewer.cli", description=__doc__)
    topics = parser.add_subparsers(dest="topic", required=True)
    _add_refusals(topics.add_parser("refusals", help="files that are refused without being tried again"))
    return parser


def _add_refusals(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True)
    _command(commands, "list", refusals_list)
    clearing = _command(commands, "clear", refusals_clear)
    which = clearing.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "key", nargs="?", type=_key, metavar="KEY", help="as listed, or its first 12 digits or more"
    )
    which.add_argument("--all", action="store_true", help="every one")


def _key(text: str) -> str:
    if len(text) < _SHORTEST_KEY:
        raise argparse.ArgumentTypeError(f"{_SHORTEST_KEY} characters at least")
    return text


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace, Settings], int],
) -> argparse.ArgumentParser:
    words = str(run.__doc__).splitlines()[0]
    command = commands.add_parser(name, help=words, description=words)
    command.set_defaults(run=run)
    return command


if __name__ == "__main__":
    sys.exit(main())
