"""Untrusted text cannot control a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from shared.terminal import printable


def test_control_characters_are_replaced() -> None:
    assert printable("a\x1b[2Jb\r\n\N{RIGHT-TO-LEFT OVERRIDE}é") == "a�[2Jb���é"


@given(st.text())
def test_any_text_is_printable_and_of_the_same_length(untrusted: str) -> None:
    shown = printable(untrusted)
    assert shown.isprintable()
    assert len(shown) == len(untrusted)
