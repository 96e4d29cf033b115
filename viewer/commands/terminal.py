"""What all commands share: their output, their exit codes, and the record of who ran them."""

import argparse
import secrets
import sys
from collections.abc import Callable

from shared.actor import EMAIL, Actor
from viewer.audit import Audit
from viewer.errors import AuditUnavailable
from viewer.settings import Settings

EXIT_OK, EXIT_PROBLEM, EXIT_ERROR = 0, 1, 2
"""Exit codes: success; something is wrong or nothing was found; the command could not be carried out."""

OnAudit = Callable[[argparse.Namespace, Settings, Audit], int]
"""Carries out one command that needs the audit database, and returns the exit code."""


def with_audit(run: OnAudit) -> Callable[[argparse.Namespace, Settings], int]:
    """Wrap a command so that the audit is opened before it and closed after it."""

    def opened(options: argparse.Namespace, settings: Settings) -> int:
        audit = Audit(settings.audit_url.get_secret_value())
        try:
            return run(options, settings, audit)
        except AuditUnavailable as error:
            return fail(f"The audit database cannot be used: {error}")
        finally:
            audit.database.close()

    return opened


def add_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: OnAudit
) -> argparse.ArgumentParser:
    """Add a command that needs the audit; its help text is the first line of the function's docstring."""
    return add_plain_command(commands, name, run, with_audit(run))


def add_plain_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    described: Callable[..., int],
    run: Callable[[argparse.Namespace, Settings], int],
) -> argparse.ArgumentParser:
    """Add a command; its help text is the first line of the docstring of `described`."""
    words = str(described.__doc__).splitlines()[0]
    added = commands.add_parser(name, help=words, description=words)
    added.set_defaults(run=run)
    return added


def add_by_option(parser: argparse.ArgumentParser) -> None:
    """Add the option with which the person who runs the command must identify themselves."""
    parser.add_argument(
        "--by", required=True, type=email, metavar="ADDRESS", help="who you are; goes on record"
    )


def command_actor(options: argparse.Namespace) -> Actor:
    """The person who runs the command, for the audit record."""
    return Actor(options.by, "command line", f"cli-{secrets.token_hex(8)}")


def email(text: str) -> str:
    """The e-mail address that was typed, in lower case.

    Raises:
        ArgumentTypeError: the text is not an e-mail address.
    """
    if not EMAIL.fullmatch(text.strip()):
        raise argparse.ArgumentTypeError("not an e-mail address")
    return text.strip().lower()


def show(text: str) -> None:
    """Print a line to standard output."""
    sys.stdout.write(text + "\n")


def fail(reason: str) -> int:
    """Print to standard error why the command could not be carried out; return that exit code."""
    sys.stderr.write(reason + "\n")
    return EXIT_ERROR
