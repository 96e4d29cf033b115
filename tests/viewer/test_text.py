"""Text in whatever encoding reaches the office as what was written."""

import pytest

from viewer.converters.text import MAX_TEXT, PlainText, TableConverter, decode
from viewer.documents import Kind
from viewer.errors import Corrupt, TooLarge
from viewer.filetypes import CSV, TEXT

# ruff: noqa: RUF001 - letters of other alphabets are the point
LETTER = "Dear Zoë,\r\nthe café visit cost £12.50 – “thank you”, she said. It’s agreed: 3½ hours.\r\n"
OLD_LETTER = "Dear Zoë,\r\nwe met at the café. It cost £12.50 and took 3½ hours, Mr Müller.\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-with-mark", "utf-16-be-with-mark"]
)
def test_unicode_is_read_as_written(encoding: str) -> None:
    mark = "\ufeff" if encoding.endswith("-with-mark") else ""
    assert decode((mark + LETTER).encode(encoding.removesuffix("-with-mark"))).lstrip("\ufeff") == LETTER


@pytest.mark.parametrize("text", [LETTER, OLD_LETTER, "£5", "Zoë", "café " * 40, "a" * 300 + " naïve"])
def test_what_windows_wrote_is_read_as_written(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_a_page_in_another_script_is_not_taken_for_western() -> None:
    text = "Уважаемая Анна, мы были у вас дома в понедельник и поговорили о помощи по хозяйству. " * 3
    assert decode(text.encode("cp1251")) == text


@pytest.mark.parametrize("body", [b"", b"\x80\x81\x8d", b"\xff", bytes(range(128, 256))])
def test_whatever_else_becomes_some_text(body: bytes) -> None:
    assert isinstance(decode(body), str)


@pytest.mark.parametrize("body", [b"\xff\xfea", b"\xfe\xff\xd8\x00", b"\xef\xbb\xbf\xff"])
def test_a_mark_that_lies_is_damage(body: bytes) -> None:
    with pytest.raises(Corrupt):
        decode(body)


class _Office:
    media_type = "application/pdf"
    recipe = "office-1"

    def __init__(self) -> None:
        self.got: list[tuple[bytes, Kind]] = []

    def convert(self, original: bytes, kind: Kind) -> bytes:
        self.got.append((original, kind))
        return b"%PDF"


def test_the_office_gets_utf_8_with_exactly_one_mark() -> None:
    office = _Office()
    converter = TableConverter(office)
    for body in (LETTER.encode(), LETTER.encode("utf-8-sig"), LETTER.encode("utf-16")):
        assert converter.convert(body, CSV) == b"%PDF"
    assert office.got == [(LETTER.encode("utf-8-sig"), CSV)] * 3


def test_plain_text_goes_to_the_page_as_utf_8() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert PlainText().convert(LETTER.encode(encoding), TEXT) == LETTER.encode()


def test_text_that_no_phone_lays_out_is_too_large() -> None:
    with pytest.raises(TooLarge):
        PlainText().convert(b"a" * (MAX_TEXT + 1), TEXT)


def test_another_recipe_of_the_office_is_another_recipe_of_tables() -> None:
    office = _Office()
    before = TableConverter(office).recipe
    office.recipe = "office-2"
    assert TableConverter(office).recipe != before
