"""`sessions …`: ending somebody's sessions everywhere at once."""

import argparse

from viewer.access.revocations import SharedRevocations
from viewer.audit import Audit
from viewer.commands.terminal import WELL, acting, add_by, command, email, show
from viewer.settings import Settings


def add_sessions(parser: argparse.ArgumentParser) -> None:
    """Add the commands."""
    commands = parser.add_subparsers(dest="command", required=True)
    revoking = command(commands, "revoke", sessions_revoke)
    revoking.add_argument("email", type=email, metavar="ADDRESS", help="the person's e-mail address")
    add_by(revoking)


def sessions_revoke(options: argparse.Namespace, _settings: Settings, audit: Audit) -> int:
    """End every session, link and token of one person, on every replica within seconds."""
    SharedRevocations(audit.database).revoke(options.email, acting(options))
    show(f"every session of {options.email} is over within two seconds")
    return WELL
