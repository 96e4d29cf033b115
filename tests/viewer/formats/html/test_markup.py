"""Nothing in sanitised HTML acts, fetches or hides; what it says and shows of its own stays."""

import base64
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viewer import samples
from tests.viewer.formats.opening import SHOWN, outcome_within_limits
from viewer.errors import TooLarge
from viewer.formats.html import cleaning, markup
from viewer.formats.html.markup import fragment, page, title_of

PICTURE = samples.picture("PNG")
ADDRESS = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<a href='file:///etc/passwd'>x</a>",
        "<a href='\\\\server\\share'>x</a>",
        "<a href='/relative'>x</a>",
        "<iframe src='http://x.test'>x</iframe><frameset><frame src='http://x.test'></frameset>",
        "<object data='http://x.test'></object><embed src='http://x.test'>",
        "<meta http-equiv=refresh content='0;url=http://x.test'><base href='http://x.test/'>",
        "<link rel=stylesheet href='http://x.test/a.css'><style>@import 'http://x.test'</style>",
        "<p style='background:url(http://x.test/a.png)'>x</p>",
        "<p style='background:u\\72l(http://x.test/a.png)'>x</p>",
        "<p style='list-style-image:url(http://x.test/a.png)'>x</p>",
        "<p style=\"color:red;background:url('file:///etc/passwd')\">x</p>",
        "<table background='http://x.test/a.png'><tr><td background='file:///a'>x</table>",
        "<body background='\\\\server\\share\\a.png'>x",
        "<img src='http://x.test/a.png'><img src='//x.test/a.png'><img src='file:///etc/a.png'>",
        "<img src='\\\\server\\a.png'><img srcset='http://x.test/a.png 1x'><img src='C:\\a.png'>",
        "<img src='data:text/html,<b>http://x.test</b>'><img src='data:image/svg+xml,<svg/>'>",
        "<video src='http://x.test' poster='http://x.test'></video><audio src='http://x.test'></audio>",
        "<svg><image href='http://x.test'/><script>alert(1)</script></svg><math><mi href='http://x.test'>",
        "<input type=image src='http://x.test'><form action='http://x.test'><button>x</button></form>",
        "<xml><o:x src='http://x.test'></xml><v:imagedata src='http://x.test'/>",
        "<![if !vml]><img src='http://x.test'><![endif]><!--[if gte mso 9]><img src='http://x.test'><![endif]-->",
        "<noscript><img src='http://x.test'></noscript><template><img src='http://x.test'></template>",
        "<p title='</title><script>alert(1)</script>'>x",
    ],
)
def test_nothing_is_left_that_acts_or_fetches(html: str) -> None:
    left = fragment(html, {}).html
    assert not re.search(
        r"x\.test|file:|server|script|alert|passwd|url|<img|relative|C:", left, re.IGNORECASE
    ), left


def test_sanitising_keeps_text_and_formatting() -> None:
    html = (
        "<h1>One</h1><p style='color:red; background: yellow'>Two <b>three</b></p><ul><li>four</ul>"
        "<table border=1 width=50%><tr><td colspan=2>five</table><a href='https://x.test/?a=b'>six</a>"
    )
    left = fragment(html, {}).html
    for piece in (
        "<h1>One</h1>",
        "color:red; background: yellow",
        "<b>three</b>",
        "<li>four</li>",
        'colspan="2"',
    ):
        assert piece in left
    assert '<a href="https://x.test/?a=b">six</a>' in left


def test_pictures_that_came_with_it_are_shown_and_told() -> None:
    found = fragment("<img src='CID:a%20b' width=20><img src=cid:c>", {"a b": PICTURE, "d": PICTURE})
    assert found.shown == {"a b"}
    assert f'<img src="{ADDRESS}" width="20" height="15" alt="">' in found.html
    assert "[Picture]" in found.html


def test_pictures_in_it_are_written_anew() -> None:
    assert ADDRESS in fragment(f"<img src='{ADDRESS}'>", {}).html


@pytest.mark.parametrize("body", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", samples.picture("TIFF")])
def test_bytes_that_are_no_picture_are_not_shown(body: bytes) -> None:
    found = fragment("<img src=cid:a alt='A & B'>", {"a": body})
    assert (found.shown, "[Picture: A &amp; B]" in found.html) == (set(), True)


@pytest.mark.parametrize(
    "declared", ["", "width=9999", "width=9999 height=9999", "height=1", "width=x", "width=-1"]
)
def test_pictures_fit_the_page(declared: str) -> None:
    html = fragment(f"<img src=cid:a {declared}>", {"a": samples.picture("PNG", (3000, 4000))}).html
    size = re.search(r'width="(\d+)" height="(\d+)"', html)
    assert size
    assert 1 <= int(size[1]) <= 640
    assert 1 <= int(size[2]) <= 900


def test_tracking_pixels_leave_no_trace() -> None:
    assert fragment("a<img src=https://x.test/seen.gif width=1 height=1>b", {}).html == "ab"


def test_a_picture_used_very_often_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MAX_PAGE", 20_000)
    html = fragment("<img src=cid:a>" * 1000, {"a": PICTURE}).html
    assert len(html) < 120_000
    assert html.count("<img") > 1


@pytest.mark.parametrize("tags", [("<div>", "</div>"), ("<table><tr><td>", "</table>"), ("<b>", "")])
def test_deeply_nested_elements_keep_their_text(tags: tuple[str, str]) -> None:
    html = fragment(f"{tags[0]}x" * 2000 + "the end" + tags[1] * 2000, {}).html
    assert "the end" in html
    assert not re.search(r"<(div|table|b)\b", html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 1_000_000,
        "<div><b>" * 500_000,
        "<div></i>" * 500_000,
        "<div><table></div></table>" * 100_000,
        "<div><object></div></object>" * 100_000,
        "".join(f"<b id={number}>" for number in range(100_000)) + "<p>" * 100_000,
        "<div" * 1_000_000,
        "<img src" + " " * 5_000_000,
        "<img src=" * 500_000,
        "<p style='" + "color:red;" * 500_000,
        "<p style='color:" + "rgb" * 1_000_000,
    ],
    ids=[
        "deep",
        "deep-form",
        "false-ends",
        "false-ends-in-tables",
        "false-ends-in-objects",
        "form-anew",
        "no-end",
        "blanks",
        "pictures",
        "styles",
        "style",
    ],
)
def test_html_made_to_take_long_ends_within_limits(html: str) -> None:
    page = b"<html><body>" + html.encode()
    assert outcome_within_limits(page, memory_mb=2048, seconds=20) == SHOWN


def test_too_much_is_refused() -> None:
    with pytest.raises(TooLarge):
        fragment("x" * (markup.MAX_MARKUP + 1), {})


def test_the_page_has_its_title_and_no_second_one() -> None:
    made = page("<p>x", title_of("<title>A &lt;b&gt;</title><p>x"))
    assert "<title>A &lt;b&gt;</title>" in made
    assert made.count("<title") == 1


_PIECES = st.sampled_from(
    [
        *(
            "<img src=",
            "cid:a",
            "'",
            '"',
            ">",
            "<a href=",
            "javascript:",
            "style=",
            "url(",
            "<p ",
            "</p>",
            "<!--",
        ),
        *(
            "-->",
            "<svg>",
            "<style>",
            "http://x.test",
            "\\",
            ";",
            "&#x",
            "<table>",
            "<td",
            "x",
            "\x00",
            "\ud800",
        ),
        "<![CDATA[",
    ]
)


@given(st.lists(_PIECES, max_size=30))
@settings(max_examples=500, deadline=None, derandomize=True)
def test_every_element_that_is_left_is_an_allowed_one(pieces: list[str]) -> None:
    cleaned = cleaning.clean("".join(pieces).encode(errors="replace").decode())
    for tag in re.findall(r"<([a-z0-9]+)", cleaned):
        assert tag in cleaning._TAGS
    for value in re.findall(r'style="([^"]*)"', cleaned):
        assert "url" not in value
        assert "(" not in value
    for address in re.findall(r'href="([^"]*)"', cleaned):
        assert address.startswith(("http://", "https://", "mailto:", "tel:"))
