"""What all commands share: what they print, how they end, and who gave them."""

import argparse
import secrets
import sys
from collections.abc import Callable

from shared.actor import EMAIL, Actor
from viewer.audit import Audit
from viewer.errors import AuditUnavailable
from viewer.settings import Settings

WELL, FOUND, IMPOSSIBLE = 0, 1, 2
"""Exit codes: done and well; something is wrong or nothing was found; it could not be done."""

OnAudit = Callable[[argparse.Namespace, Settings, Audit], int]
"""Carries out one command that needs the audit's database, and gives the exit code."""


def with_audit(run: OnAudit) -> Callable[[argparse.Namespace, Settings], int]:
    """The command with the audit opened for it, and closed after it."""

    def opened(options: argparse.Namespace, settings: Settings) -> int:
        audit = Audit(settings.audit_url.get_secret_value())
        try:
            return run(options, settings, audit)
        except AuditUnavailable as error:
            return complain(f"The audit database cannot be used: {error}")
        finally:
            audit.database.close()

    return opened


def command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: OnAudit
) -> argparse.ArgumentParser:
    """Add a command that needs the audit; its help is the first line of what the function says of itself."""
    return plain_command(commands, name, run, with_audit(run))


def plain_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    described: Callable[..., int],
    run: Callable[[argparse.Namespace, Settings], int],
) -> argparse.ArgumentParser:
    """Add a command; its help is the first line of what `described` says of itself."""
    words = str(described.__doc__).splitlines()[0]
    added = commands.add_parser(name, help=words, description=words)
    added.set_defaults(run=run)
    return added


def add_by(parser: argparse.ArgumentParser) -> None:
    """Whoever gives the command must say who they are."""
    parser.add_argument(
        "--by", required=True, type=email, metavar="ADDRESS", help="who you are; goes on record"
    )


def acting(options: argparse.Namespace) -> Actor:
    """Who gave the command, for the record."""
    return Actor(options.by, "command line", f"cli-{secrets.token_hex(8)}")


def email(text: str) -> str:
    """The e-mail address that was typed, in small letters.

    Raises:
        ArgumentTypeError: it cannot be one.
    """
    if not EMAIL.fullmatch(text.strip()):
        raise argparse.ArgumentTypeError("not an e-mail address")
    return text.strip().lower()


def show(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


def complain(what: str) -> int:
    """Say why it could not be done; give that exit code."""
    sys.stderr.write(what + "\n")
    return IMPOSSIBLE
