"""SVG: sane drawings go as they are, and what would draw for ever never reaches a browser."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.writing import GENOGRAM
from tests.viewer.formats.opening import as_kind
from viewer.errors import Corrupt, Problem, TooLarge, UnsupportedType
from viewer.formats.pictures import drawings
from viewer.formats.pictures.drawings import inspect
from viewer.formats.pictures.kinds import SVG
from viewer.formats.pictures.reading import read_drawing


def _svg(inside: str, before: str = "") -> bytes:
    name = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {name}>{inside}</svg>".encode()


def _nest(levels: int, repeat: str) -> str:
    """Each group draws the one before ten times."""
    groups = ["<g id='g0'><rect width='1' height='1'/></g>"]
    groups += [f"<g id='g{level}'>{repeat.format(level - 1) * 10}</g>" for level in range(1, levels)]
    return "<defs>" + "".join(groups) + f"</defs>{repeat.format(levels - 1)}"


def test_a_sane_drawing_goes_as_it_is() -> None:
    assert inspect(GENOGRAM.encode()) == ()
    assert inspect(_svg("<rect id='a'/>" + "<use href='#a'/>" * 1000)) == ()
    assert inspect(_svg("é").decode().encode("utf-16")) == ()


@pytest.mark.parametrize(
    ("inside", "note"),
    [
        ("<script>alert(1)</script>", drawings.SCRIPTS),
        ("<rect onload='alert(1)'/>", drawings.SCRIPTS),
        ("<image xlink:href='https://example.test/a.png'/>", drawings.FROM_ELSEWHERE),
        ("<image href='file:///etc/passwd'/>", drawings.FROM_ELSEWHERE),
    ],
)
def test_scripts_and_links_of_a_drawing_are_noted(inside: str, note: str) -> None:
    assert inspect(_svg(inside)) == (note,)


@pytest.mark.parametrize(
    "inside", ["<image href='data:image/png;base64,AAAA'/>", "<a href='https://a.test'/>"]
)
def test_pictures_inside_and_links_are_no_news(inside: str) -> None:
    assert inspect(_svg(inside)) == ()


@pytest.mark.parametrize(
    "repeat",
    [
        "<use href='#g{0}'/>",
        "<use xlink:href='#g{0}'/>",
        "<rect fill='url(#g{0})'/>",
        "<rect style='fill:url(\"#g{0}\")'/>",
    ],
)
def test_repetitions_of_repetitions_are_counted(repeat: str) -> None:
    assert inspect(_svg(_nest(4, repeat))) == ()
    with pytest.raises(TooLarge):
        inspect(_svg(_nest(9, repeat)))


def test_circles_are_cut_as_browsers_cut_them() -> None:
    assert inspect(_svg("<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g><use href='#b'/>")) == ()


_ENTITIES = (
    "<!DOCTYPE svg [<!ENTITY a0 '"
    + "x" * 100
    + "'>"
    + "".join(f"<!ENTITY a{level} '{f'&a{level - 1};' * 10}'>" for level in range(1, 10))
    + "]>"
)


def test_more_bytes_than_the_limit_are_not_read() -> None:
    with pytest.raises(TooLarge):
        read_drawing(as_kind(b" " * (drawings.MAX_BYTES + 1), SVG))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (_svg("<g>" * 1000 + "</g>" * 1000), TooLarge),
        (_svg("<a/>" * 250_000), TooLarge),
        (_svg("&a9;", _ENTITIES), Corrupt),
        (b"<svg xmlns='urn:x'/>", Corrupt),
        (
            b"<html xmlns='http://www.w3.org/1999/xhtml'><svg xmlns='http://www.w3.org/2000/svg'/></html>",
            Corrupt,
        ),
        (_svg("<g>"), Corrupt),
        (_svg("", "<?xml version='1.0' encoding='unheard-of'?>"), Corrupt),
        (_svg("<image href='data:image/svg+xml;base64,AAAA'/>"), UnsupportedType),
    ],
    ids=["deep", "many", "entities", "other", "html", "cut", "encoding", "nested"],
)
def test_the_rest_is_refused_and_says_why(body: bytes, error: type[Problem]) -> None:
    with pytest.raises(error):
        inspect(body)


@given(
    st.lists(
        st.sampled_from(
            ["<g id='a'>", "</g>", "<use href='#a'/>", "<use href='#b'/>", "<g id='b'>", "x", "&lt;", "<"]
        )
    )
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_mark_up_ends_in_a_finding_or_a_typed_refusal(pieces: list[str]) -> None:
    with contextlib.suppress(Problem):
        assert isinstance(inspect(_svg("".join(pieces))), tuple)
