"""Web pages, flat office files in XML, drawings."""

from tests.hostile.cases import KB, MB, filled, worst

_HEAD = 64 * KB
_DOT = b"data:;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="


@worst("fodt")
def flat_office_roots() -> bytes:
    """Roots of Word 2003, Excel 2003 and flat OpenDocument that never close, in the part that is matched."""
    return filled(b"<Workbook <wordDocument <office:document ", _HEAD)


@worst("html")
def page_of_open_pictures() -> bytes:
    """A page of pictures that never close: each is searched for its address."""
    return b"<html>" + filled(b"<img ", 16 * MB)


@worst("html")
def page_of_blanks_before_an_address() -> bytes:
    """A picture whose address begins with blanks that two parts of a pattern share."""
    return b"<html><img src=" + b" " * MB


@worst("html")
def page_of_comments() -> bytes:
    """A page that begins with comments that nearly end."""
    return filled(b"<!-- --" + b"- " * 900 + b"-->" + b" " * 5000, _HEAD) + b"<html>"


@worst("html")
def page_of_titles() -> bytes:
    """A page whose title never comes to its end."""
    return b"<html>" + filled(b"<title", MB)


@worst("html")
def page_of_dots() -> bytes:
    """Two hundred thousand pictures of one dot, each a file of its own."""
    return b"<html>" + (b"<img src=" + _DOT + b">") * 200_000


@worst("html")
def page_of_nested_elements() -> bytes:
    """A million elements in one another."""
    return b"<html>" + b"<div><b>" * 500_000


@worst("html")
def page_of_tables_in_tables() -> bytes:
    """A hundred thousand tables in one another."""
    return b"<html>" + b"<table><tr><td>" * 100_000


@worst("html")
def page_of_formatting() -> bytes:
    """Formatting elements that are opened and closed crosswise: the HTML rules open each anew."""
    return b"<html>" + b"".join(b"<a><b><i><font><p></a>" for _ in range(100_000))


@worst("html")
def page_of_attributes() -> bytes:
    """One element of half a million attributes."""
    return b"<html><p " + b"".join(b"a%d=1 " % number for number in range(500_000)) + b">x</p>"


@worst("html")
def page_of_styles() -> bytes:
    """Styles that nearly are what is allowed, in an attribute of megabytes."""
    return b'<html><p style="' + filled(b"color:rgb(1,2,3) rgb(;", 8 * MB) + b'">x</p>'


@worst("html")
def page_of_marks_in_words() -> bytes:
    """Words of an attribute that look like elements."""
    return b"<html>" + b'<img alt="' + filled(b"<p a <table <img ", 12 * MB) + b'">x</html>'


@worst("html")
def page_of_entities() -> bytes:
    """Millions of character references."""
    return b"<html><body>" + filled(b"&lt;&amp;&notit;", 18 * MB)


@worst("html")
def page_of_references() -> bytes:
    """A text of character references, one in twenty letters: the cleaner copies it at each of them."""
    return b"<html><body><pre>" + filled(b"&lt;" + b"x" * 16, 18 * MB)


@worst("html")
def page_of_ignored_elements() -> bytes:
    """The same, with elements between that belong elsewhere, so that it stays one text."""
    return b"<html><body>" + filled(b"&amp;" * 100 + b"x" * 500 + b"<tbody>", 18 * MB)


@worst("html")
def page_of_rows_reached_into() -> bytes:
    """Tables whose cells reach over a thousand columns and into a thousand rows."""
    reaching = b'<td rowspan="999" colspan="100">a' * 10
    return b"<html><table>" + filled(b"<tr>" + reaching + b"<tr><td>" * 998, 18 * MB)


@worst("html")
def page_of_cells() -> bytes:
    """Two million cells, a row each."""
    return b"<html><table>" + filled(b"<tr><td>a", 18 * MB)


@worst("html")
def page_of_tables() -> bytes:
    """Tables of one wide cell, one after the other."""
    return b"<html>" + filled(b'<table><td colspan="100">a</table>', 18 * MB)


@worst("html")
def page_of_fields() -> bytes:
    """A form of lists that never close, of entries in none, and of texts."""
    return b"<html>" + filled(b'<select><option selected>a<textarea>b</textarea><input value="c">', 18 * MB)


@worst("html")
def page_of_line_ends_that_count() -> bytes:
    """Line ends and blanks that a style makes count, eighteen megabytes."""
    return b'<html><p style="white-space:pre-wrap">' + filled(b"  \n\ta", 18 * MB)


@worst("html")
def page_of_rules() -> bytes:
    """A style sheet of half a megabyte of rules on line ends, and elements with many classes."""
    rules = filled(b".a,.b,p.c{white-space:pre}", 500 * KB)
    classes = b" ".join(b"a%d" % number for number in range(2_000))
    return b"<html><style>" + rules + b"</style>" + (b'<p class="' + classes + b'">x</p>') * 1_500


@worst("html")
def page_of_frames() -> bytes:
    """Frames that never close, each searched for its address."""
    return b"<html><frameset>" + filled(b"<frame " + b"a" * 1990, 18 * MB)


@worst("mht")
def archive_of_pictures() -> bytes:
    """A web archive of a page and 1,900 pictures that it shows a thousand times."""
    parts = [
        b"Content-Type: text/html\r\nContent-Location: http://a.test/\r\n\r\n<html>"
        + b"<img src=p1.gif>" * 100_000
    ]
    gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00" + b"\0" * 2000
    parts += [
        b"Content-Type: image/gif\r\nContent-Location: http://a.test/p%d.gif\r\n\r\n" % number + gif
        for number in range(1900)
    ]
    body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts)
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n'
    return head + body + b"--x--\r\n"


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'


@worst("svg")
def drawing_that_repeats_itself() -> bytes:
    """Groups that draw the one before ten times, forty levels."""
    groups = b"".join(
        b'<g id="g%d">' % level + b'<use href="#g%d"/>' % (level - 1) * 10 + b"</g>" for level in range(1, 40)
    )
    return _SVG + b'<g id="g0"><rect/></g>' + groups + b'<use href="#g39"/></svg>'


@worst("svg")
def drawing_of_references() -> bytes:
    """An attribute of megabytes of references that never close."""
    return (
        _SVG
        + b'<rect fill="'
        + filled(b"url( ", 9 * MB)
        + b'" stroke="'
        + b"url("
        + b" " * 9 * MB
        + b'"/></svg>'
    )


@worst("svg")
def drawing_of_parts() -> bytes:
    """A hundred thousand parts with names, and references to them from everywhere."""
    parts = b"".join(b'<g id="n%d" fill="url(#n%d)"/>' % (number, number + 1) for number in range(90_000))
    return _SVG + parts + b"</svg>"


@worst("svg")
def drawing_of_entities() -> bytes:
    """Entities of entities."""
    tens = b"".join(b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 10))
    return b'<!DOCTYPE svg [<!ENTITY e0 "ha">' + tens + b"]>" + _SVG + b"<text>&e9;</text></svg>"


@worst("svg")
def drawing_of_one_long_entity() -> bytes:
    """One entity of 100 KB, named a hundred times an attribute: below what the parser counts as an attack."""
    entity = b'<!DOCTYPE svg [<!ENTITY e "%s">]>' % (b"a" * 100_000)
    return entity + _SVG + (b'<g id="' + b"&e;" * 70 + b'"/>') + b"</svg>"


@worst("svg")
def drawing_of_attributes() -> bytes:
    """One element of a million attributes."""
    return _SVG + b"<g " + b"".join(b'a%d="" ' % number for number in range(1_000_000)) + b"/></svg>"


@worst("xml")
def data_of_nested_elements() -> bytes:
    """XML that is nothing but elements in one another."""
    return b'<?xml version="1.0"?>' + b"<a>" * (3 * MB)
