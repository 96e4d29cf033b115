"""The rules, which say which internal links are understood; read from a TOML file at the start."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shared.document_ref import NAME

MAX_PATTERN_LENGTH = 200
MAX_REPEATS = 4
"""The most repeats (`*`, `+`, `?`, `{…}`) in a pattern, which stays fast on ids of at most 64 characters."""
RESERVED = ("/shared-static", "/static")
"""The paths of the redirector's own static files, which no rule may use."""

_CLASS_OR_ESCAPE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_REPEAT = re.compile(r"[*+?{]")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_PARAMETER = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_PATH = re.compile(r"/[\x21-\x7e]{1,200}")


class RulesError(Exception):
    """The rules file is invalid.

    Args:
        problems: a sentence for each problem.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems))


def normal_path(path: str) -> str:
    """The normal form of a path for comparison: lower case, single slashes, none at the end, no blanks."""
    return "/" + "/".join(filter(None, path.strip().lower().replace("\\", "/").split("/")))


def _source(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError("must be lower-case letters, digits and hyphens, starting with a letter, 32 at most")
    return value


def _path(value: str) -> str:
    path = normal_path(value)
    if not _PATH.fullmatch(value) or any(character in value for character in "?#%") or path == "/":
        raise ValueError(
            "must start with / and be the path alone: no host, blanks, %, ? or #, 200 characters at most"
        )
    if any(f"{path}/".startswith(f"{reserved}/") for reserved in RESERVED):
        raise ValueError("must not be below /shared-static or /static, which the redirector uses itself")
    return path


def _host(value: str) -> str:
    if not _HOST.fullmatch(value.lower()):
        raise ValueError("must be a host name alone, such as mosaic.internal: no http://, port or path")
    return value.lower()


def _parameter(value: str) -> str:
    if not _PARAMETER.fullmatch(value):
        raise ValueError("must be the name of a query parameter: letters, digits, _ . and - only")
    return value.lower()


def _pattern(value: Any) -> re.Pattern[str]:
    """Compile a pattern that is fast for every text of 64 characters.

    Without groups repeats cannot be nested, and nested repeats are what makes patterns slow.
    """
    if not isinstance(value, str) or not 0 < len(value) <= MAX_PATTERN_LENGTH:
        raise ValueError(f"must be a regular expression of at most {MAX_PATTERN_LENGTH} characters")
    skeleton = _CLASS_OR_ESCAPE.sub("", value)
    if "(" in skeleton:
        raise ValueError("must not have groups: write each alternative out in full, with | between them")
    if len(_REPEAT.findall(skeleton)) > MAX_REPEATS:
        raise ValueError(f"must not repeat (* + ? {{}}) more than {MAX_REPEATS} times")
    try:
        return re.compile(value, re.ASCII)
    except (re.error, OverflowError) as error:
        raise ValueError(f"is not a regular expression: {error}") from error


class _RuleTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class IdRule(_RuleTable):
    """The query parameter with the document's id, and the form of the id."""

    parameter: Annotated[str, AfterValidator(_parameter)]
    pattern: Annotated[re.Pattern[str], BeforeValidator(_pattern)]
    """A regular expression that must match the whole id; digits are ASCII digits."""
    max: int | None = Field(None, ge=1, le=10**18)
    """The largest number; where it is set, ids are whole numbers and lose leading zeros before the match."""


class Carry(_RuleTable):
    """Other values of a link that are passed on to the viewer."""

    person: Annotated[str, AfterValidator(_parameter)] | None = None
    """The query parameter with the Mosaic person id, for the audit record."""


class Rule(_RuleTable):
    """One kind of link; path, hosts and parameters are in lower case."""

    name: Annotated[str, AfterValidator(_source)]
    source: Annotated[str, AfterValidator(_source)]
    path: Annotated[str, AfterValidator(_path)]
    hosts: list[Annotated[str, AfterValidator(_host)]] = []
    """The hosts that a pasted link may have; empty for any host."""
    id: IdRule
    carry: Carry = Carry()


class Rules:
    """All rules, indexed by path."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_path: Mapping[str, Rule] = {rule.path: rule for rule in rules}

    @property
    def names(self) -> list[str]:
        """The names of the rules in the order of the file."""
        return [rule.name for rule in self._by_path.values()]

    def find(self, path: str, host: str | None) -> Rule | None:
        """The rule for a path, regardless of case; None where there is none.

        Args:
            path: the decoded path without the query.
            host: the host of a pasted link in lower case; None for a link that led here directly.
        """
        rule = self._by_path.get(normal_path(path))
        if rule and rule.hosts and host is not None and host not in rule.hosts:
            return None
        return rule


def load_rules(file: Path) -> Rules:
    """Read and check a rules file.

    Raises:
        RulesError: the file is invalid; the error lists every problem.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulesError([f"cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise RulesError([f"is not TOML: {error}"]) from error
    return _checked(data)


def _checked(data: dict[str, Any]) -> Rules:
    problems = [f"{key}: not a key that the file may have at the top" for key in data if key != "rule"]
    tables = data.get("rule")
    if not isinstance(tables, list) or not tables:
        raise RulesError([*problems, "there must be at least one [[rule]]"])
    rules = []
    for number, table in enumerate(tables, start=1):
        try:
            rules.append(Rule.model_validate(table))
        except ValidationError as error:
            problems += _problems(number, table, error)
    problems += _twice("name", [rule.name for rule in rules]) + _twice("path", [rule.path for rule in rules])
    if problems:
        raise RulesError(problems)
    return Rules(rules)


def _problems(number: int, table: Any, error: ValidationError) -> list[str]:
    name = table.get("name") if isinstance(table, dict) else None
    rule = f"rule {number} ({name})" if isinstance(name, str) else f"rule {number}"
    return [
        f"{rule}: {'.'.join(str(part) for part in each['loc'])}: {each['msg'].removeprefix('Value error, ')}"
        for each in error.errors()
    ]


def _twice(what: str, values: list[str]) -> list[str]:
    return [f"{what} {value}: used by {count} rules" for value, count in Counter(values).items() if count > 1]
