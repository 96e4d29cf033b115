"""PDF files."""

import zlib
from collections.abc import Mapping

from tests.hostile.cases import KB, MB, filled, worst, zlib_bomb

_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_LEVELS = 40


def pdf(objects: Mapping[int, bytes], root: bytes = b"") -> bytes:
    """A file of these objects; 1 is the catalogue, 2 the pages, 3 the page, where they are not given.

    Args:
        objects: by number.
        root: further entries of the catalogue.
    """
    whole = {1: b"<</Type/Catalog/Pages 2 0 R" + root + b">>", 2: _PAGES, 3: _PAGE, **objects}
    out, places = bytearray(b"%PDF-1.7\n"), dict[int, int]()
    for number, body in whole.items():
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    size = max(whole) + 1
    table = b"".join(
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
        for number in range(size)
    )
    end = b"xref\n0 %d\n" % size + table + b"trailer\n<</Size %d/Root 1 0 R>>\n" % size
    return bytes(out) + end + b"startxref\n%d\n%%%%EOF\n" % len(out)


def _stream(body: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n" % (entries, len(body)) + body + b"\nendstream"


def _twice(first: int, leaf: bytes, names: bytes = b"/Kids") -> dict[int, bytes]:
    """Objects, each of which names the next one twice; the last is the leaf."""
    made = {
        first + level: b"<<%s[%d 0 R %d 0 R]>>" % (names, first + level + 1, first + level + 1)
        for level in range(_LEVELS)
    }
    return made | {first + _LEVELS: leaf}


@worst("pdf")
def names_that_come_twice() -> bytes:
    """Two kilobytes: each node of the tree of embedded files names the next one twice; the last is empty."""
    return pdf(_twice(10, b"<</Names[]>>"), b"/Names<</EmbeddedFiles 10 0 R>>")


@worst("pdf")
def names_that_come_twice_and_hold_something() -> bytes:
    """The same with a value in the last node that is no file."""
    return pdf(_twice(10, b"<</Limits[(a)(a)]/Names[(a) 1]>>"), b"/Names<</EmbeddedFiles 10 0 R>>")


@worst("pdf")
def names_in_a_circle() -> bytes:
    """A tree of names whose node is its own child."""
    return pdf({10: b"<</Kids[10 0 R 10 0 R]>>"}, b"/Names<</EmbeddedFiles 10 0 R>>")


@worst("pdf")
def names_in_a_chain() -> bytes:
    """A tree of names fifty thousand levels deep."""
    chain = {10 + level: b"<</Kids[%d 0 R]>>" % (11 + level) for level in range(50_000)}
    return pdf(chain | {50_010: b"<</Names[]>>"}, b"/Names<</EmbeddedFiles 10 0 R>>")


@worst("pdf")
def pages_that_come_twice() -> bytes:
    """Each node of the tree of pages names the next one twice."""
    nodes = {
        10 + level: b"<</Type/Pages/Count 1/Kids[%d 0 R %d 0 R]>>" % (11 + level, 11 + level)
        for level in range(_LEVELS)
    }
    return pdf({2: b"<</Type/Pages/Count 1/Kids[10 0 R]>>", **nodes, 10 + _LEVELS: _PAGE})


@worst("pdf")
def pages_in_a_chain() -> bytes:
    """A tree of pages a hundred thousand levels deep."""
    last = 100_000
    nodes = {10 + level: b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (11 + level) for level in range(last)}
    return pdf({2: b"<</Type/Pages/Count 1/Kids[10 0 R]>>", **nodes, 10 + last: _PAGE})


@worst("pdf")
def one_page_a_million_times() -> bytes:
    """A million entries in the list of pages, all of the same page."""
    return pdf({2: b"<</Type/Pages/Count 1000000/Kids[" + b"3 0 R " * 1_000_000 + b"]>>"})


@worst("pdf")
def objects_in_one_another() -> bytes:
    """Five million arrays in one another."""
    return pdf({10: b"[" * (5 * MB)}, b"/X 10 0 R")


@worst("pdf")
def object_stream_of_gigabytes() -> bytes:
    """A stream of objects of 1.5 MB that unpacks to 1.5 GB."""
    return _with_object_stream(zlib_bomb(b" ", 1500), b"/Filter/FlateDecode")


@worst("pdf")
def object_stream_packed_twice() -> bytes:
    """The same packed once more: five kilobytes that unpack to gigabytes."""
    return _with_object_stream(zlib.compress(zlib_bomb(b" ", 3000), 9), b"/Filter[/FlateDecode/FlateDecode]")


@worst("pdf")
def object_stream_of_objects() -> bytes:
    """A stream of objects whose one object is fifty megabytes of small arrays."""
    packed = zlib.compress(b"3 0 " + filled(b"[]", 0) + b"[" + b"[]" * (25 * MB) + b"]", 9)
    return _with_object_stream(packed, b"/Filter/FlateDecode", first=4)


@worst("pdf")
def table_of_a_billion_objects() -> bytes:
    """A cross-reference stream that says that there are a thousand million objects."""
    rows = zlib.compress(bytes(3) + b"\1\0\0" * (10 * MB))
    return _with_table(
        _stream(
            rows, b"/Type/XRef/Size 2000000000/Index[0 1000000000]/W[1 1 1]/Root 1 0 R/Filter/FlateDecode"
        )
    )


@worst("pdf")
def table_of_many_objects() -> bytes:
    """A cross-reference stream of forty million objects in forty kilobytes."""
    rows = zlib.compress(_row(0) * (40 * MB), 9)
    return _with_table(_stream(rows, b"/Type/XRef/Size 41943040/W[1 1 1]/Root 1 0 R/Filter/FlateDecode"))


@worst("pdf")
def table_packed_twice() -> bytes:
    """A cross-reference stream of a few kilobytes that unpacks to three gigabytes."""
    rows = zlib.compress(zlib_bomb(b"\0", 3000), 9)
    return _with_table(
        _stream(rows, b"/Type/XRef/Size 99/W[1 1 1]/Root 1 0 R/Filter[/FlateDecode/FlateDecode]")
    )


@worst("pdf")
def tables_in_a_chain() -> bytes:
    """A hundred thousand cross-reference tables, each with one before it."""
    out, before = bytearray(pdf({})), 0
    for _ in range(100_000):
        place = len(out)
        previous = b"/Prev %d" % before if before else b""
        out += b"xref\n0 0\ntrailer<</Size 4/Root 1 0 R%s>>\n" % previous
        before = place
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % before


@worst("pdf")
def no_table_but_trailers() -> bytes:
    """No table at all, and a hundred thousand trailers that do not end."""
    return b"%PDF-1.7\n" + filled(b"trailer\n<</A[", 2 * MB)


@worst("pdf")
def no_table_but_objects() -> bytes:
    """No table at all, and a million objects to be found."""
    return b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n[]\nendobj\n" % number for number in range(1, 1_000_000))


@worst("pdf")
def a_thing_that_is_everything() -> bytes:
    """An annotation whose kind is an array of arrays, each named twice: to write it out takes for ever."""
    arrays = {20 + level: b"[%d 0 R %d 0 R]" % (21 + level, 21 + level) for level in range(_LEVELS)}
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[<</Subtype 20 0 R/A<</S 20 0 R>>>>]>>"
    return pdf({3: page, **arrays, 20 + _LEVELS: b"[]"})


@worst("pdf")
def a_file_that_is_everything() -> bytes:
    """An embedded file whose name is an array of arrays, each named twice."""
    arrays = {20 + level: b"[%d 0 R %d 0 R]" % (21 + level, 21 + level) for level in range(_LEVELS)}
    file = {10: b"<</Names[(a) 11 0 R]>>", 11: b"<</UF 20 0 R/EF<</F 12 0 R>>>>", 12: _stream(b"x")}
    return pdf({**file, **arrays, 20 + _LEVELS: b"[]"}, b"/Names<</EmbeddedFiles 10 0 R>>")


@worst("pdf")
def a_form_of_gigabytes() -> bytes:
    """The data of a form unpacks to two gigabytes."""
    form = b"/NeedsRendering true/AcroForm<</XFA[(datasets) 10 0 R]>>"
    return pdf({10: _stream(zlib_bomb(b" ", 2000), b"/Filter/FlateDecode")}, form)


@worst("pdf")
def a_form_of_elements() -> bytes:
    """The data of a form is four megabytes of elements in one another."""
    form = b"/NeedsRendering true/AcroForm<</XFA[(datasets) 10 0 R]>>"
    return pdf({10: _stream(zlib.compress(b"<a>" * MB), b"/Filter/FlateDecode")}, form)


@worst("pdf")
def a_file_of_gigabytes() -> bytes:
    """An embedded file of two gigabytes of zeros."""
    file = {10: b"<</Names[(a) 11 0 R]>>", 11: b"<</UF(a.txt)/EF<</F 12 0 R>>>>"}
    packed = _stream(zlib_bomb(b"\0", 2000), b"/Filter/FlateDecode")
    return pdf({**file, 12: packed}, b"/Names<</EmbeddedFiles 10 0 R>>")


@worst("pdf")
def many_files() -> bytes:
    """A hundred thousand embedded files."""
    names = (
        b"<</Names[" + b"".join(b"(%06d)%d 0 R" % (number, 20 + number) for number in range(100_000)) + b"]>>"
    )
    files = {20 + number: b"<</UF(a)/EF<</F 12 0 R>>>>" for number in range(100_000)}
    return pdf({10: names, 12: _stream(b"x"), **files}, b"/Names<</EmbeddedFiles 10 0 R>>")


@worst("pdf")
def page_of_gigabytes() -> bytes:
    """A page whose content unpacks to two gigabytes of blanks."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 10 0 R>>"
    return pdf({3: page, 10: _stream(zlib_bomb(b" ", 2000), b"/Filter/FlateDecode")})


@worst("pdf")
def damaged_and_of_gigabytes() -> bytes:
    """A file whose end is lost, so that it is written anew, with a page that unpacks to two gigabytes."""
    return page_of_gigabytes()[:-40]


@worst("pdf")
def damaged_with_a_tree_that_comes_twice() -> bytes:
    """A file whose end is lost and whose outline names each node twice."""
    return pdf(_twice(10, b"<<>>"), b"/Outlines 10 0 R")[:-40]


@worst("pdf")
def length_that_names_itself() -> bytes:
    """Streams whose length is in the next stream, and so on."""
    chain = {
        10 + number: b"<</Length %d 0 R>>stream\nx\nendstream" % (11 + number) for number in range(20 * KB)
    }
    return pdf(chain, b"/X 10 0 R")


@worst("pdf")
def objects_in_a_chain_of_streams() -> bytes:
    """An object stream that is in an object stream that is in itself."""
    body = zlib.compress(b"10 0 <</A 1>>")
    stream = _stream(body, b"/Type/ObjStm/N 1/First 5/Filter/FlateDecode/Extends 10 0 R")
    rows = b"".join([_row(0), b"\2\12\0", b"\2\12\0", b"\2\12\0"] + [b"\2\12\0"] * 8)
    return b"%PDF-1.7\n10 0 obj\n" + stream + b"\nendobj\n" + _table_at(rows, 9, 12)


def _row(kind: int) -> bytes:
    return bytes([kind, 0, 0])


def _table_at(rows: bytes, start: int, size: int) -> bytes:
    entries = b"/Type/XRef/Size %d/W[1 1 1]/Root 1 0 R/Filter/FlateDecode" % size
    return (
        b"11 0 obj\n" + _stream(zlib.compress(rows), entries) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    )


def _with_table(table: bytes) -> bytes:
    """A file whose cross-reference stream is this one."""
    whole = pdf({}).split(b"xref\n")[0]
    return whole + b"5 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(whole)


def _with_object_stream(packed: bytes, entries: bytes, first: int = 4) -> bytes:
    """A file whose page is in a stream of objects."""
    out, places = bytearray(b"%PDF-1.7\n"), dict[int, int]()
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: _PAGES,
        4: _stream(packed, b"/Type/ObjStm/N 1/First %d%s" % (first, entries)),
    }
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    rows = b"".join(
        [
            b"\0" + bytes(5),
            *(b"\1" + places[n].to_bytes(4, "big") + b"\0" for n in (1, 2)),
            b"\2" + (4).to_bytes(4, "big") + b"\0",
            b"\1" + places[4].to_bytes(4, "big") + b"\0",
            b"\1" + start.to_bytes(4, "big") + b"\0",
        ]
    )
    table = _stream(zlib.compress(rows), b"/Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Filter/FlateDecode")
    return bytes(out) + b"5 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
