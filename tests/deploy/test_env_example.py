"""`.env.example` has every setting of production with its description and default, and no secret."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from redirector.settings import Settings as RedirectorSettings
from shared.settings import ServiceSettings
from viewer.settings import Settings as ViewerSettings

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"(# )?([A-Z][A-Z0-9_]+)=(.*)")
DIFFERENT_FOR_EACH = {"PORT", "OPS_PORT"}
INSTALLED_ELSEWHERE = {"RULES_FILE"}


def settings() -> Iterator[tuple[str, FieldInfo]]:
    for model in (RedirectorSettings, ViewerSettings):
        yield from ((name.upper(), field) for name, field in model.model_fields.items())


FIELDS = {name: field for name, field in settings() if name not in DIFFERENT_FOR_EACH}


@pytest.fixture(scope="module")
def lines() -> list[re.Match[str]]:
    text = (ROOT / ".env.example").read_text()
    return [found for line in text.splitlines() if (found := LINE.fullmatch(line))]


def test_every_setting_is_there_once_and_nothing_else(lines: list[re.Match[str]]) -> None:
    assert sorted(found[2] for found in lines) == sorted(FIELDS)
    assert set(ServiceSettings.model_fields) - {"port", "ops_port"} <= {name.lower() for name in FIELDS}


def test_a_line_is_commented_out_exactly_when_there_is_a_default(lines: list[re.Match[str]]) -> None:
    for found in lines:
        assert bool(found[1]) is not FIELDS[found[2]].is_required(), found[2]


def test_the_defaults_are_the_programs_own(lines: list[re.Match[str]]) -> None:
    for found in lines:
        default = FIELDS[found[2]].default
        if found[1] and found[2] not in INSTALLED_ELSEWHERE:
            assert found[3] == ("" if default is None else str(default)), found[2]


def test_the_comment_above_each_setting_is_its_description() -> None:
    text = (ROOT / ".env.example").read_text()
    blocks = re.findall(r"\n\n((?:# .*\n)+?)(?:# )?([A-Z][A-Z0-9_]+)=", text)
    comments = {name: " ".join(comment.replace("# ", "").split()) for comment, name in blocks}
    described = {name: field.description for name, field in FIELDS.items()}
    assert comments == described


def test_secrets_are_left_empty(lines: list[re.Match[str]]) -> None:
    secret = {name for name, field in FIELDS.items() if field.annotation is SecretStr}
    assert secret
    assert {found[2] for found in lines if found[3]}.isdisjoint(secret)
