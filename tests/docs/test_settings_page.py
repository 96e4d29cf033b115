"""docs/settings.md has every setting with the default, range and meaning that the code has."""

import re
import runpy
from dataclasses import fields
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from redirector.settings import Settings as RedirectorSettings
from shared.settings import ServiceSettings
from viewer.settings import Settings as ViewerSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

SECTIONS: dict[str, type[ServiceSettings]] = {
    "Both services": ServiceSettings,
    "Redirector": RedirectorSettings,
    "Viewer": ViewerSettings,
}


def rows_of(section: str) -> list[str]:
    """The rows of a section's table, without its header."""
    text = PAGE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `[A-Z].*$", text, re.MULTILINE)


def expected_row(name: str, field: FieldInfo) -> str:
    """The row of a setting in its table."""
    return f"| `{name.upper()}` | {_default(field)} | {_range(field)} | {field.description} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**must be given**"
    if field.default in (None, "", SecretStr("")):
        return "none"
    if isinstance(field.default, Path):
        return f"`{field.default.relative_to(ROOT)}`"
    return f"`{field.default}`"


def _range(field: FieldInfo) -> str:
    """The values that a setting may have, where the code limits them to numbers or words."""
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    if field.annotation is bool:
        return "`True`, `False`"
    least, most = _bound(field, "ge"), _bound(field, "le")
    above = _bound(field, "gt")
    if above is not None:
        return f"above {above}, to {most}"
    if least is None:
        return ""
    return f"{least} or more" if most is None else f"{least} to {most}"


def _bound(field: FieldInfo, name: str) -> float | None:
    return next((getattr(each, name) for each in field.metadata if hasattr(each, name)), None)


EACH_ITS_OWN = {"port", "ops_port"}
"""Settings of both services whose defaults differ; each service's table has them."""


def expected_rows(model: type[ServiceSettings]) -> list[str]:
    """The expected rows of a section."""
    both = ServiceSettings.model_fields.keys() - EACH_ITS_OWN
    in_this_section = model is ServiceSettings
    return [
        expected_row(name, field)
        for name, field in model.model_fields.items()
        if (name in both) == in_this_section and not (in_this_section and name in EACH_ITS_OWN)
    ]


@pytest.mark.parametrize(("section", "model"), SECTIONS.items(), ids=SECTIONS)
def test_the_page_has_every_setting_with_its_default_and_meaning(
    section: str, model: type[ServiceSettings]
) -> None:
    assert sorted(rows_of(section)) == sorted(expected_rows(model))


def test_compose_passes_every_setting_on() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    set_in_the_images = {"HOST", "PORT", "OPS_PORT"}
    for service, model in (("redirector", RedirectorSettings), ("viewer", ViewerSettings)):
        text = compose.split(f"\n  {service}:\n", 1)[1].split("\n    networks:", 1)[0]
        passed = set(re.findall(r"^      ([A-Z_0-9]+):", text, re.MULTILINE))
        assert {name.upper() for name in model.model_fields} - set_in_the_images <= passed, service


def test_the_page_has_the_converters_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ROOT / "deploy" / "unoserver"
    monkeypatch.syspath_prepend(folder)
    script = runpy.run_path(str(folder / "settings.py"))
    settings, variable = fields(script["Settings"]), script["variable"]
    expected = [f"| {variable(field)} | `{field.default}` |" for field in settings]
    text = PAGE.split("\n## Converters\n", 1)[1].split("\n## ", 1)[0]
    assert re.findall(r"^\| (?:UNOSERVER|DOCUMENT)_\w+ \| .*? \|", text, re.MULTILINE) == expected
