"""Web pages as they are saved: forms, frames, comments first, line ends by style, wide tables, cut ends."""

import re

import pytest

from tests.viewer.formats.opening import SHOWN, notes, outcome_within_limits, read, recognised
from viewer.formats.html.markup import fragment
from viewer.formats.html.reading import SEVERAL
from viewer.formats.html.table_widths import needed_width, page_size


def _says(html: str) -> str:
    """The words of a cleaned page, a line an element."""
    return re.sub(r"<[^>]*>", "|", fragment(html, {}).html)


# Forms


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ('<input value="Ada &quot;A&quot; &lt;b&gt;">', "Ada &quot;A&quot; &lt;b&gt;"),
        ('<INPUT TYPE="TEXT" VALUE=Ada>', "Ada"),
        ("<input type=date value=2026-03-04>", "2026-03-04"),
        ("<input type=text>", "________"),
        ("<textarea>One\nTwo <b></textarea>", "One|Two &lt;b&gt;"),
        ("<select><option>Low<option selected>High</select>", "High"),
        ("<select multiple><option selected>A<option>B<option selected>C</select>", "A; C"),
        ("<select><optgroup label=x><option value=1>First<option>Second</optgroup></select>", "First"),
        ("<input type=checkbox checked>", "\u2612"),
        ("<input type=checkbox>", "\u2610"),
        ("<input type=radio checked>", "\u25c9"),
        ("<form><table><tr><td><input value=x></td></tr></table></form>", "x"),
    ],
)
def test_values_of_form_fields_are_shown(html: str, says: str) -> None:
    made = fragment(f"<p>Name {html} end", {})
    assert says in re.sub(r"<[^>]*>", "|", made.html)
    assert made.notes == ("This page holds a form; its fields show what was saved with the page.",)
    assert not re.search(r"<(?:input|select|option|textarea)", made.html)


def test_only_what_was_chosen_is_shown() -> None:
    assert "Low" not in _says("<select><option>Low<option selected>High</select>")
    for hidden in ("hidden", "password", "submit"):
        assert "secret" not in _says(f"<input type={hidden} value=secret>")


# Frames


def _archive(*pages: tuple[str, str]) -> bytes:
    written = "".join(
        f"--b\r\nContent-Location: file:///C:/x/{name}\r\nContent-Type: text/html\r\n\r\n{html}\r\n"
        for name, html in pages
    )
    head = "From: <Saved by it>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
    return f"{head}{written}--b--\r\n".encode()


_SHEETS = (
    ("Book.htm", ("<html><xml><x:ExcelWorksheets><x:ExcelWorksheet><x:Name>Costs</x:Name>"
     '<x:WorksheetSource HRef="Book_files/sheet001.htm"/></x:ExcelWorksheet></x:ExcelWorksheets></xml>'
     '<frameset><frame src="Book_files/sheet001.htm"><frame src="Book_files/tabstrip.htm"><noframes><body>'
     "<p>This page uses frames.</body></noframes></frameset></html>")),
    ("Book_files/tabstrip.htm", "<html><body>Costs Visits tabs</html>"),
    ("Book_files/sheet001.htm", "<html><body><table><tr><td>The first</table></html>"),
    ("Book_files/sheet002.htm", "<html><body><table><tr><td>The second</table></html>"),
)  # fmt: skip


def test_all_sheets_of_a_workbook_saved_as_a_web_archive_are_shown() -> None:
    reading, made = read(_archive(*_SHEETS))
    page = made.decode()
    assert reading.notes == (SEVERAL,)
    assert "<h1>Costs</h1>" in page
    assert page.index("The first") < page.index("The second")
    for words in ("tabs", "uses frames", "&lt;body"):
        assert words not in page


def test_a_page_within_a_saved_page_is_shown() -> None:
    saved = _archive(
        (
            "a.htm",
            '<html><p>Outer<iframe src="b.htm"></iframe><iframe src="ad.htm" width="1"></iframe></html>',
        ),
        ("b.htm", "<html><p>Inner</html>"),
        ("header.htm", "<html><p>Not shown in the page</html>"),
    )
    reading, made = read(saved)
    assert b"Outer" in made
    assert b"Inner" in made
    assert b"Not shown" not in made
    assert reading.notes == (SEVERAL,)


def test_a_page_of_frames_that_are_elsewhere_says_so() -> None:
    instead = b"<noframes><p>See <b>a</b></noframes>"
    html = b"<html><frameset><frame src=a.htm><frame src='b.htm'>" + instead + b"</frameset></html>"
    reading, made = read(html)
    assert reading.notes == (
        "2 pages that belong inside this page are kept in other files and are not shown.",
    )
    assert b"<b>a</b>" in made
    without = html.replace(instead, b"")
    assert b"2 pages that belong inside" in read(without)[1]


# Beginnings and ends


@pytest.mark.parametrize(
    "beginning",
    [
        "<!-- " + "saved from url " * 400 + "-->",
        "<!-- " + "saved from url " * 20_000 + "-->",
        "<!-- a -->\n" * 50,
        "<script>" + "var a = '<b>';\n" * 10_000 + "</script>",
        "<script src=x></script>",
        "<link rel=stylesheet href=x>",
        "<noscript>x</noscript>",
        "<?xml version='1.0'?>\n<!-- x -->\n<!DOCTYPE html>",
        "<!-- " + "x" * 5000 + "-->\n<!doctype html>",
    ],
    ids=["long", "very-long", "many", "script", "script-elsewhere", "link", "noscript", "xml", "doctype"],
)
def test_a_page_is_a_page_whatever_it_begins_with(beginning: str) -> None:
    page = f"{beginning}<html><body><p>The words</p></body></html>".encode()
    assert recognised(page).name == "html"
    assert b"The words" in read(page)[1]


@pytest.mark.parametrize(
    "text",
    [
        b"<?xml version='1.0'?><form><a/></form>",
        b"<?xml version='1.0'?>\n<!-- " + b"x" * 5000 + b"-->\n<data><p/></data>",
    ],
)
def test_data_stays_data(text: bytes) -> None:
    assert recognised(text).name == "xml"


@pytest.mark.parametrize(
    ("page", "is_truncated"),
    [
        ("<html><body><p>x</body></html>", False),
        ("<html><body><p>x</body></html>\n<!-- saved -->", False),
        ("<p>x", False),
        ("<html><body><p>x", True),
        ("<p>x</p><p cla", True),
    ],
)
def test_a_page_without_its_end_says_so(page: str, *, is_truncated: bool) -> None:
    assert any("cut short" in note for note in notes(page.encode())) == is_truncated


# Line ends


@pytest.mark.parametrize(
    ("html", "left"),
    [
        (("<div "
        "style='white-space: pre-wrap'>One\nTwo\n\n  Three</div>"), ">One<br>Two<br><br>&nbsp;&nbsp;Three<"),
        ("<div style='white-space:pre-line'>One\n  Two</div>", ">One<br>  Two<"),
        ("<div style='WHITE-SPACE: PRE'>One\r\nTwo</div>", ">One<br>Two<"),
        ("<div style='white-space:pre-wrap'>One <b>a\nb</b><p style='white-space:normal'>c\nd</p></div>",
         'a<br>b</b><p style="white-space:normal">c\nd<'),
        (("<style>.t, p.u {color:red; white-space: pre-wrap}</style><div "
        "class='x t'>One\nTwo</div>"), "<div>One<br>Two<"),
        ("<style>.t{white-space:pre}</style><p class='MsoNormal t'>One\nTwo</p>", "One<br>Two"),
        ("<style>td {white-space: pre-wrap}</style><table><tr><td>One\nTwo</table>", "<td>One<br>Two<"),
        ("<body style='white-space: pre-wrap'>One\nTwo", "One<br>Two"),
        ("<div style='white-space:nowrap'>One\nTwo</div>", "One\nTwo"),
        ("<pre style='white-space:pre-wrap'>One\nTwo</pre>", "One\nTwo"),
        ("<div>One\nTwo</div>", "One\nTwo"),
    ],
)  # fmt: skip
def test_line_ends_count_where_a_style_says_so(html: str, left: str) -> None:
    assert left in fragment(html, {}).html


# Wide tables


def _table(columns: int, word: str = "Column") -> str:
    cells = "".join(f"<td>{word}{number}</td>" for number in range(columns))
    return f"<table><tr>{cells}</tr></table>"


@pytest.mark.parametrize(
    ("html", "size"),
    [
        ("<p>x", "21cm 29.7cm"),
        (_table(6), "21cm 29.7cm"),
        (_table(14), "29.7cm 21cm"),
        (f"<table><tr><td>{_table(6)}<td>{_table(6)}</table>", "29.7cm 21cm"),
        (
            "<table><tr><td rowspan=2>x" + "<td>Column1" * 11 + "<tr>" + "<td>Column1" * 11 + "</table>",
            "29.7cm 21cm",
        ),
        ("<table><tr><td colspan=14>x</tr><tr>" + "<td>y" * 14 + "</table>", "21cm 29.7cm"),
        (f"<table><tr><td>https://x.test/{'a' * 300}<td>x</table>", "21cm 29.7cm"),
    ],
)
def test_the_page_is_as_wide_as_its_tables(html: str, size: str) -> None:
    assert page_size(needed_width(fragment(html, {}).html)) == size


def test_very_wide_tables_get_a_wide_page_and_the_widest_a_note() -> None:
    wide = fragment(_table(30), {})
    width = float((page_size(needed_width(wide.html)) or "").split("cm")[0])
    assert 29.7 < width < 118.9
    assert wide.notes == ()
    assert fragment(_table(300), {}).notes == (
        "A table is wider than the widest page: its last columns are not shown.",
    )


@pytest.mark.parametrize(
    "html",
    [
        "<style>" + "a" * 400_000 + "</style><p style='white-space:pre'>x",
        "<style>a{white-space:pre}" * 50_000,
        "<body style white-space" * 200_000,
        "<input value='" + "a" * 1_000_000 + "'>" + "<input>" * 200_000,
        "<select>" * 300_000,
        "<select>" + "<option>a" * 300_000,
        "<textarea>" * 300_000,
        "<iframe src=a>" * 200_000,
        "<frameset>" + "<frame src=a>" * 300_000,
        "<noframes>" * 300_000,
        "<table>" + "<tr>" + "<td colspan=999 rowspan=999>a" * 200_000,
        "<table><tr><td>" + "&amp;" * 100_000,
        "<table><tr><td>" + "a" * 4_000_000,
        "<!--" + "a" * 1_000_000,
        "<!--a-->" * 300_000,
        "<x:Name>" * 300_000,
    ],
    ids=lambda html: str(html)[:20],
)
def test_pages_that_would_take_long_do_not(html: str) -> None:
    page = b"<html><body>" + html.encode()
    assert outcome_within_limits(page, memory_mb=2048, seconds=30) == SHOWN
