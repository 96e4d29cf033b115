"""Text in whatever encoding reaches the page as what was written."""

import re

import pytest

from viewer.errors import Corrupt, TooLarge
from viewer.formats.decoding import decode
from viewer.formats.text.plain import MAX_TEXT, data, plain

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


def test_plain_text_goes_to_the_page_as_utf_8() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert plain(LETTER.encode(encoding)) == LETTER.encode()


def test_text_that_no_phone_lays_out_is_too_large() -> None:
    with pytest.raises(TooLarge):
        plain(b"a" * (MAX_TEXT + 1))


def test_a_text_that_has_no_unicode_form_still_arrives() -> None:
    assert plain(b"\xff\xfe\x00\xd8a\x00"[:2] + "Zoë".encode("utf-16-le")) == "Zoë".encode()


def test_data_on_one_line_is_broken_into_lines_and_not_changed_otherwise() -> None:
    text = '{"a":[1.10,1e400,"x, {y}: \\"z\\""],"a":{"":null},"long":"' + "£" * 600 + '"}'
    lines = data(text.encode()).decode()
    assert lines.splitlines()[:4] == ["{", '  "a": [', "    1.10,", "    1e400,"]
    assert re.sub(r"\n *", "", lines).replace(": ", ":") == text.replace(": ", ":")


def test_data_that_has_lines_stays_as_it_is() -> None:
    text = '{\n"a" :  1 }\n'
    assert data(text.encode()) == text.encode()


@pytest.mark.parametrize(
    "body", [b"[" * 1_000_000, b'{"a":' * 200_000, b'["' + b"\\" * 900_000, b"]" * 600, b":" * 1_000_000]
)
def test_data_of_any_depth_ends_as_text(body: bytes) -> None:
    assert len(data(body)) >= len(body)
