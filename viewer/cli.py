"""The command line for operations and information governance: `python -m viewer.cli --help`.

The commands read the service's own settings, so they run inside its container. Exit codes: 0 for success, 1
when something is wrong or nothing was found, 2 when the command could not be carried out.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from viewer.commands.audit import add_audit
from viewer.commands.blocks import add_block
from viewer.commands.refusals import add_refusals
from viewer.commands.sessions import add_sessions
from viewer.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace, Settings], int] = options.run
    return command(options, Settings.load())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m viewer.cli", description=__doc__)
    topics = parser.add_subparsers(dest="topic", required=True)
    add_audit(topics.add_parser("audit", help="the record of who saw what"))
    add_block(topics.add_parser("block", help="emergency blocks"))
    add_refusals(topics.add_parser("refusals", help="files that are refused without being tried again"))
    add_sessions(topics.add_parser("sessions", help="who is signed in"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
