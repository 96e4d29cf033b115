"""Rules are checked completely before anything is served."""

import time
from pathlib import Path

import pytest

from redirector.rules import Rules, RulesError, load_rules, normal_path

GOOD = """
[[rule]]
name = "letters"
source = "archive"
path = "/Old/Letters.asp"
hosts = ["Archive.Internal"]
id = { parameter = "No", pattern = "[A-Z][0-9]{1,4}" }
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "rules.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(RulesError) as caught:
        load_rules(written(tmp_path, text))
    return caught.value.problems


def test_the_shipped_rules_know_mosaic(rules: Rules) -> None:
    rule = rules.find("/LbhMosaicEDocs/DocumentMenu.aspx", None)
    assert rule is not None
    assert (rule.name, rule.source, rule.id.max) == ("mosaic-edocs", "edocs", 2**31 - 1)


def test_a_rule_of_another_file_is_used(tmp_path: Path) -> None:
    rules = load_rules(written(tmp_path, GOOD))
    assert rules.names == ["letters"]
    rule = rules.find("//OLD/letters.ASP/", "archive.internal")
    assert rule is not None
    assert rule.id.parameter == "no"
    assert rule.carry.person is None


def test_hosts_hold_for_whole_links_only(tmp_path: Path) -> None:
    rules = load_rules(written(tmp_path, GOOD))
    assert rules.find("/old/letters.asp", "elsewhere.internal") is None
    assert rules.find("/old/letters.asp", None) is not None


@pytest.mark.parametrize(
    ("path", "normal"),
    [("/A/b", "/a/b"), ("//a///B//", "/a/b"), (" /a/b ", "/a/b"), ("\\a\\b", "/a/b"), ("", "/"), ("/", "/")],
)
def test_paths_are_compared_in_one_form(path: str, normal: str) -> None:
    assert normal_path(path) == normal


def test_everything_that_is_wrong_is_listed_at_once(tmp_path: Path) -> None:
    text = """
    colour = "blue"
    [[rule]]
    name = "Bad Name"
    source = "../etc"
    path = "no-slash"
    hosts = ["http://host/"]
    id = { parameter = "a b", pattern = "(", max = 0 }
    carry = { person = "", address = "x" }
    [[rule]]
    name = "empty"
    [[rule]]
    name = "twin"
    source = "edocs"
    path = "/Twin"
    id = { parameter = "a", pattern = "[0-9]+" }
    [[rule]]
    name = "twin"
    source = "edocs"
    path = "/twin/"
    id = { parameter = "a", pattern = "[0-9]+" }
    """
    listed = problems(tmp_path, text)
    for expected in (
        "colour: not a key",
        "rule 1 (Bad Name): name: ",
        "rule 1 (Bad Name): source: ",
        "rule 1 (Bad Name): path: ",
        "rule 1 (Bad Name): hosts.0: ",
        "rule 1 (Bad Name): id.parameter: ",
        "rule 1 (Bad Name): id.pattern: must not have groups",
        "rule 1 (Bad Name): id.max: ",
        "rule 1 (Bad Name): carry.person: ",
        "rule 1 (Bad Name): carry.address: ",
        "rule 2 (empty): source: ",
        "rule 2 (empty): path: ",
        "rule 2 (empty): id: ",
        "name twin: used by 2 rules",
        "path /twin: used by 2 rules",
    ):
        assert any(problem.startswith(expected) for problem in listed), (expected, listed)
    assert len(listed) == 15


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "there must be at least one [[rule]]"),
        ("rule = []", "there must be at least one [[rule]]"),
        ("rule = 3", "there must be at least one [[rule]]"),
        ("rule = [3]", "rule 1"),
        ("[[rule", "is not TOML"),
    ],
)
def test_files_without_valid_rules_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in problems(tmp_path, text)[-1]


def test_a_missing_or_binary_rules_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="cannot be read: No such file"):
        load_rules(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RulesError, match="is not TOML"):
        load_rules(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    "path", ["/", "//", "relative", "/a?b=1", "/a#b", "/a b", "/%41", "/static/x", "/Shared-Static", "/ü"]
)
def test_invalid_paths_in_rules_are_refused(tmp_path: Path, path: str) -> None:
    assert problems(tmp_path, GOOD.replace("/Old/Letters.asp", path))[0].startswith(
        "rule 1 (letters): path: "
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(?i)a",
        "a(?=b)",
        "[0-9]*[0-9]*[0-9]*[0-9]*[0-9]*",
        "a{1,9999999999999}",
        "[0-9",
        "",
        "a" * 201,
        "**",
    ],
)
def test_slow_or_invalid_patterns_are_refused(tmp_path: Path, pattern: str) -> None:
    assert problems(tmp_path, GOOD.replace("[A-Z][0-9]{1,4}", pattern))[0].startswith(
        "rule 1 (letters): id.pattern: "
    )


@pytest.mark.parametrize("pattern", ["[(][)]+", r"\\d", "[]a(]", "[^](]x?", "a|b|[0-9]{2}"])
def test_brackets_in_classes_and_escapes_are_no_groups(tmp_path: Path, pattern: str) -> None:
    load_rules(written(tmp_path, GOOD.replace("[A-Z][0-9]{1,4}", pattern)))


def test_the_worst_pattern_that_is_allowed_is_quick(tmp_path: Path) -> None:
    pattern = "[0-9a-z]*[0-9a-z]*[0-9a-z]*[0-9a-z]*!"
    rule = load_rules(written(tmp_path, GOOD.replace("[A-Z][0-9]{1,4}", pattern))).find(
        "/old/letters.asp", None
    )
    assert rule is not None
    started = time.process_time()
    assert not rule.id.pattern.fullmatch("0" * 64)
    assert time.process_time() - started < 1
