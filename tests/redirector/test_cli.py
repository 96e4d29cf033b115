"""The command line with which operators try stored links before go-live."""

import io
from pathlib import Path

import pytest

from redirector.cli import main

LINK = "http://mosaic/LbhMosaicEDocs/DocumentMenu.aspx?documentId=123&personId=456"


def links(tmp_path: Path, *lines: str) -> str:
    file = tmp_path / "links.txt"
    file.write_text("\N{BOM}" + "\n".join(lines), encoding="utf-8")
    return str(file)


def test_check_shows_each_link_and_the_totals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = links(tmp_path, LINK, "", LINK.replace("456", "x"), "/elsewhere", LINK.replace("123", "x"))
    assert main(["check", file, "--viewer", "https://v.test"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "  line  rule             outcome            goes to, or the link",
        "     1  mosaic-edocs     redirected         https://v.test/documents/edocs/123?person=456",
        "     3  mosaic-edocs     redirected         https://v.test/documents/edocs/123 (person left out)",
        "     4  none             unknown_link       /elsewhere",
        f"     5  mosaic-edocs     malformed_id       {LINK.replace('123', 'x')}",
        "",
        "4 links: 2 understood, 2 not",
        "     2  redirected",
        "     1  unknown_link",
        "     1  malformed_id",
    ]


def test_check_exits_with_0_when_every_link_is_understood(tmp_path: Path) -> None:
    assert main(["check", links(tmp_path, LINK, LINK.lower())]) == 0


def test_check_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(LINK + "\n"))
    assert main(["check", "-"]) == 0
    assert "1 links: 1 understood, 0 not" in capsys.readouterr().out


def test_control_characters_in_links_are_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "links.txt").write_bytes(b"\x1b[2J\x07\xff" + b"x" * 5000 + b"\n")
    assert main(["check", str(tmp_path / "links.txt")]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert max(map(len, out.splitlines())) < 200


def test_explain_shows_what_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", LINK, "--viewer", "https://v.test"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"link:      {LINK}",
        "rule:      mosaic-edocs",
        "source:    edocs",
        "document:  123",
        "person:    456",
        "outcome:   redirected, HTTP 302",
        "goes to:   https://v.test/documents/edocs/123?person=456",
    ]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (LINK.partition("&")[0], "person:    none in the link"),
        (LINK + "&personId=7", "person:    left out: malformed, or two different ones"),
    ],
)
def test_explain_shows_a_dropped_person(capsys: pytest.CaptureFixture[str], link: str, expected: str) -> None:
    assert main(["explain", link]) == 0
    assert expected in capsys.readouterr().out


def test_explain_shows_why_a_link_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "/elsewhere"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "link:      /elsewhere",
        "rule:      none knows this link",
        "outcome:   unknown_link, HTTP 404",
        "page:      We do not know this link",
    ]


def test_unreadable_files_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "none.txt")]) == 2
    assert "cannot be read:\n  No such file" in capsys.readouterr().err
    (tmp_path / "rules.toml").write_text("x = 1", encoding="utf-8")
    assert main(["explain", LINK, "--rules", str(tmp_path / "rules.toml")]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"The rules in {tmp_path / 'rules.toml'} cannot be used:",
        "  x: not a key that the file may have at the top",
        "  there must be at least one [[rule]]",
    ]
