"""The `sessions` commands, which end a person's sessions on every replica."""

import argparse

from viewer.access.revocations import SharedRevocations
from viewer.audit import Audit
from viewer.commands.terminal import EXIT_OK, add_by_option, add_command, command_actor, email, show
from viewer.settings import Settings


def add_sessions(parser: argparse.ArgumentParser) -> None:
    """Add the commands."""
    commands = parser.add_subparsers(dest="command", required=True)
    revoking = add_command(commands, "revoke", sessions_revoke)
    revoking.add_argument("email", type=email, metavar="ADDRESS", help="the person's e-mail address")
    add_by_option(revoking)


def sessions_revoke(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """End every session, link and token of one person, on every replica within seconds."""
    SharedRevocations(audit.database).revoke(options.email, command_actor(options))
    show(f"every session of {options.email} is over within two seconds")
    return EXIT_OK
