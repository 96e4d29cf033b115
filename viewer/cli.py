"""What operators do from the command line: `python -m viewer.cli sessions revoke ADDRESS`.

Reads the same settings as the service. Each command is one function that returns the exit code.
"""

import argparse
import sys

from viewer.errors import ViewerError
from viewer.revocations import SharedRevocations
from viewer.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command, and give the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options, Settings.load())
    except ViewerError as error:
        print(f"{error.code}: {error.title}", file=sys.stderr)  # noqa: T201 - a command speaks
        return 1
    return code


def sessions_revoke(options: argparse.Namespace, settings: Settings) -> int:
    """End every session, link and token of one person, on every replica within seconds."""
    SharedRevocations(settings.audit_url.get_secret_value()).revoke(options.address, by="command line")
    print(f"every session of {options.address.lower()} is over within two seconds")  # noqa: T201 - a command speaks
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m viewer.cli", description=__doc__)
    areas = parser.add_subparsers(required=True, metavar="AREA")
    sessions = areas.add_parser("sessions", help="who is signed in").add_subparsers(required=True)
    revoke = sessions.add_parser("revoke", help="sign a person out everywhere")
    revoke.add_argument("address", type=_address, metavar="ADDRESS", help="the person's e-mail address")
    revoke.set_defaults(run=sessions_revoke)
    return parser


def _address(text: str) -> str:
    name, _, domain = text.strip().partition("@")
    if not name or not domain or not text.isprintable() or " " in text.strip():
        raise argparse.ArgumentTypeError("not an e-mail address")
    return text.strip()


if __name__ == "__main__":
    sys.exit(main())
