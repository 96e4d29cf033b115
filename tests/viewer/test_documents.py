"""File names are untrusted text, which is displayed without invisible characters and cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.documents import MAX_NAME, display_name


@pytest.mark.parametrize(
    ("untrusted", "shown"),
    [
        ("letter.docx", "letter.docx"),
        ("  a \t long\r\n  name.pdf ", "a long name.pdf"),
        ("a\0b\x1b[31mc.pdf", "ab[31mc.pdf"),
        ("invoice\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe", "invoicefdp.exe"),
        ("\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}", "(no name)"),
        ("", "(no name)"),
        ("Grüße, 世界.odt", "Grüße, 世界.odt"),
        ("\ud800.pdf", ".pdf"),
    ],
)
def test_invisible_characters_are_removed_from_names(untrusted: str, shown: str) -> None:
    assert display_name(untrusted) == shown


@pytest.mark.parametrize("length", [MAX_NAME + 1, 12_000, 1_000_000])
def test_a_long_name_keeps_its_end(length: int) -> None:
    shown = display_name("x" * length + ".docx")
    assert len(shown) == MAX_NAME
    assert shown.startswith("…x")
    assert shown.endswith("x.docx")


@given(st.text(max_size=600))
def test_any_name_can_be_shown(untrusted: str) -> None:
    shown = display_name(untrusted)
    assert 0 < len(shown) <= MAX_NAME
    assert display_name(shown) == shown
    assert "\n" not in shown
