"""The command line for trying links against the rules.

`python -m redirector.cli check FILE` reads a file of links, one in each line (`-` for standard input), and
shows the result of each; the exit code is 1 where a link is not understood. `explain URL` shows how one link
is read.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

from redirector.metrics import NO_RULE, REDIRECTED
from redirector.problems import REFUSALS
from redirector.rules import Rules, RulesError, load_rules
from redirector.settings import SHIPPED_RULES
from redirector.translate import Found, Refusal, translate_text
from shared.terminal import printable

_LINE = "{:>6}  {:16} {:18} {}"
_MAX_SHOWN = 100
"""The most characters of a link that are shown."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0 when every link was understood, 1 when one was not, 2 when the links could not be
        tried.
    """
    options = _parser().parse_args(arguments)
    try:
        rules = load_rules(options.rules)
    except RulesError as error:
        return _complain(f"The rules in {options.rules} cannot be used:", error.problems)
    if options.command == "explain":
        return explain(options.url, rules, options.viewer)
    try:
        with nullcontext(sys.stdin) if options.file == "-" else _opened(options.file) as lines:
            return check(lines, rules, options.viewer)
    except OSError as error:
        return _complain(f"The links in {options.file} cannot be read:", [error.strerror or "unknown error"])


def check(lines: Iterable[str], rules: Rules, viewer: str) -> int:
    """Show the result of each link, and the totals."""
    _show(_LINE.format("line", "rule", "outcome", "goes to, or the link"))
    totals: Counter[str] = Counter()
    for number, link, result in _results(lines, rules):
        outcome, where = _outcome(result, viewer)
        totals[outcome] += 1
        _show(_LINE.format(number, result.rule or NO_RULE, outcome, where or _printable(link)))
    understood = totals[REDIRECTED]
    _show(f"\n{totals.total()} links: {understood} understood, {totals.total() - understood} not")
    for outcome, count in totals.most_common():
        _show(f"{count:>6}  {outcome}")
    return 0 if understood == totals.total() else 1


def explain(link: str, rules: Rules, viewer: str) -> int:
    """Show how one link is read."""
    result = translate_text(link, rules)
    _show(f"link:      {_printable(link)}")
    _show(f"rule:      {result.rule or 'none knows this link'}")
    if isinstance(result, Refusal):
        problem = REFUSALS[result.reason]
        _show(f"outcome:   {result.reason}, HTTP {problem.status}\npage:      {problem.title}")
        return 1
    person = "left out: malformed, or two different ones" if result.person_dropped else result.ref.person
    _show(f"source:    {result.ref.source}\ndocument:  {result.ref.id}")
    _show(f"person:    {person or 'none in the link'}")
    _show(f"outcome:   {REDIRECTED}, HTTP 302\ngoes to:   {viewer}{result.ref.viewer_path()}")
    return 0


def _results(lines: Iterable[str], rules: Rules) -> Iterator[tuple[int, str, Found | Refusal]]:
    for number, line in enumerate(lines, start=1):
        if link := line.strip():
            yield number, link, translate_text(link, rules)


def _outcome(result: Found | Refusal, viewer: str) -> tuple[str, str]:
    if isinstance(result, Refusal):
        return str(result.reason), ""
    return (
        REDIRECTED,
        f"{viewer}{result.ref.viewer_path()}{' (person left out)' if result.person_dropped else ''}",
    )


def _printable(text: str) -> str:
    """The link without control characters, cut to the most characters that are shown."""
    shown = printable(text)
    return shown if len(shown) <= _MAX_SHOWN else shown[:_MAX_SHOWN] + "…"


def _opened(file: str) -> TextIO:
    return Path(file).open(encoding="utf-8-sig", errors="replace")


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(what: str, problems: Iterable[str]) -> int:
    sys.stderr.write("\n  ".join([what, *problems]) + "\n")
    return 2


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--rules", type=Path, default=SHIPPED_RULES, help="a rules file; the shipped one by default"
    )
    common.add_argument("--viewer", default="", help="the viewer's address, to be shown before each path")
    parser = argparse.ArgumentParser(
        prog="python -m redirector.cli", description="Try links against the rules."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", parents=[common], help="try a file of links, one a line")
    checking.add_argument("file", metavar="FILE", help="the file, or - for standard input")
    explaining = commands.add_parser("explain", parents=[common], help="show how one link is read")
    explaining.add_argument("url", metavar="URL", help="the link, in quotes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
