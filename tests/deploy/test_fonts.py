"""Fonts that stand in for those of staff's documents: the same here and in the image, letters, not signs."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONVERTER = ROOT / "deploy/unoserver"
PACKAGES = [
    line for line in (CONVERTER / "fonts.txt").read_text().splitlines() if line and not line.startswith("#")
]
STAND_INS = {
    "Arial": "Liberation Sans",
    "Arial Narrow": "Liberation Sans Narrow",
    "Times New Roman": "Liberation Serif",
    "Courier New": "Liberation Mono",
    "Calibri": "Carlito",
    "Cambria": "Caladea",
    "Century Gothic": "URW Gothic",
    "Century Schoolbook": "C059",
    "Bookman Old Style": "URW Bookman",
    "Palatino Linotype": "P052",
    "Book Antiqua": "P052",
    "Georgia": "P052",
    "Verdana": "DejaVu Sans",
    "Tahoma": "Liberation Sans",
    "Segoe UI": "Liberation Sans",
    "Aptos": "Liberation Sans",
    "Aptos Narrow": "Liberation Sans Narrow",
    "Impact": "Liberation Sans Narrow",
    "Comic Sans MS": "Comic Neue",
    "Segoe UI Emoji": "Noto Color Emoji",
}
SCRIPTS = ("ar", "ur", "he", "hi", "pa", "gu", "bn", "ta", "am", "th", "zh-cn", "ja", "ko", "vi", "yo", "so")


def matched(pattern: str) -> str:
    """The font family that a converter's office takes."""
    done = subprocess.run(
        ["fc-match", "-f", "%{family[0]}", pattern],
        env={**os.environ, "FONTCONFIG_FILE": str(CONVERTER / "fonts.conf")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


@pytest.mark.parametrize("font", STAND_INS)
def test_a_font_that_is_not_there_has_its_stand_in(font: str) -> None:
    assert matched(font) == STAND_INS[font]


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_script_has_a_font_that_covers_it(language: str) -> None:
    found = subprocess.run(
        ["fc-list", f":lang={language}", "family"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Noto" in found.stdout


def test_the_images_and_this_machine_take_their_fonts_from_one_list() -> None:
    assert PACKAGES
    assert all(re.fullmatch(r"fonts-[a-z0-9-]+", package) for package in PACKAGES)
    for script in ("deploy/unoserver/Dockerfile", "demo/Dockerfile", "deploy/local/setup.sh"):
        text = (ROOT / script).read_text()
        assert "grep '^fonts-' " in text
        assert not set(PACKAGES) & set(re.findall(r"fonts-[a-z0-9-]+", re.sub(r"#.*", "", text)))


def test_every_font_of_the_list_is_installed() -> None:
    for package in PACKAGES:
        done = subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Status}", package],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.stdout == "installed", package


def test_the_office_is_told_of_the_table() -> None:
    assert '"FONTCONFIG_FILE": str(_FONTS)' in (CONVERTER / "office.py").read_text()
    assert "deploy/unoserver/fonts.conf" in (CONVERTER / "Dockerfile").read_text()
