"""Text in whatever encoding reaches the page as what was written."""

import re

import pytest

from tests.viewer.formats.opening import notes, read
from viewer.errors import Corrupt, TooLarge, UnsupportedType
from viewer.formats import truncation
from viewer.formats.decoding import INCOMPLETE, decode, decoded
from viewer.formats.text.plain import MAX_TEXT, data

# ruff: noqa: RUF001 - letters of other alphabets are the point
LETTER = "Dear Zoë,\r\nthe café visit cost £12.50 – “thank you”, she said. It’s agreed: 3½ hours.\r\n"
NOTE = "Case note: the child was seen at home.\r\nThe café visit cost £20 – it was paid.\r\n"
OLD_LETTER = "Dear Zoë,\r\nwe met at the café. It cost £12.50 and took 3½ hours, Mr Müller.\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-with-mark", "utf-16-be-with-mark"]
)
def test_unicode_is_read_as_written(encoding: str) -> None:
    mark = "\ufeff" if encoding.endswith("-with-mark") else ""
    assert decode((mark + LETTER).encode(encoding.removesuffix("-with-mark"))).lstrip("\ufeff") == LETTER


@pytest.mark.parametrize("text", [LETTER, OLD_LETTER, "£5", "Zoë", "café " * 40, "a" * 300 + " naïve"])
def test_windows_1252_text_is_decoded(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_a_page_in_another_script_is_not_taken_for_western() -> None:
    text = "Уважаемая Анна, мы были у вас дома в понедельник и поговорили о помощи по хозяйству. " * 3
    assert decode(text.encode("cp1251")) == text


@pytest.mark.parametrize("body", [b"", b"\x80\x81\x8d", b"\xff", bytes(range(128, 256))])
def test_any_bytes_become_some_text(body: bytes) -> None:
    assert isinstance(decode(body), str)


LANGUAGES = {
    "Turkish": "Sayın Şule Yılmaz, çocuğun öğretmeni ile görüştük. İstanbul'dan döndü.",
    "Polish": "Szanowna Pani Małgorzata, spotkaliśmy się w domu. Dziękuję za pomoc. Łódź.",
    "Czech": "Vážená paní Nováková, děkujeme za návštěvu. Příští schůzka je v úterý.",
    "Hungarian": "Tisztelt Asszonyom, köszönjük a látogatást. Őszinte tisztelettel, Győző.",
    "Romanian": "Stimată doamnă, vă mulţumim pentru vizită. Ştefan vine marţi.",
    "Croatian": "Poštovana gospođo Đurić, zahvaljujemo na posjetu. Vidimo se u četvrtak.",
    "Lithuanian": "Gerbiama ponia, dėkojame už apsilankymą. Kitas šeštą valandą, ačiū.",
    "English": "Dear Zoë, the café visit cost £20 and took 3½ hours. We met Anaïs.",
    "Russian": "Уважаемая Анна, мы были у вас дома в понедельник.",
    "Greek": "Αγαπητή κυρία, σας ευχαριστούμε για την επίσκεψη.",
    "Arabic": "السيدة العزيزة، نشكركم على زيارتكم. الاجتماع القادم يوم الثلاثاء.",
    "a Turkish name": "Şule Yılmaz",
    "a Polish name": "Małgorzata Wójcik, Łódź",
    "French": "Chère Madame, l'élève a été très occupé. Où êtes-vous, à l'hôpital?",
    "German": "Sehr geehrte Frau Müller, nächste Woche prüfen wir die Größe der Räume.",
    "Portuguese": "Prezada Senhora, a próxima reunião será na terça, não há alterações.",
    "Welsh": "Annwyl Siân, diolch am y tê. Rôl dda.",
    "Danish": "Kære Søren, tak for besøget på tirsdag.",
    "Icelandic": "Kæra frú, þakka þér fyrir heimsóknina. Guðrún.",
    "volumes": "10 m³ of soil at £5, and 20 m² of turf",
}
QUIET = ("English", "French", "German", "Portuguese", "Welsh", "Danish")


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *(("Turkish", code) for code in ("cp1254", "iso8859_9", "cp857")),
        *((name, "cp1250") for name in ("Polish", "Czech", "Hungarian", "Romanian", "Croatian")),
        *((name, "iso8859_2") for name in ("Polish", "Czech")),
        *((name, "cp852") for name in ("Polish", "Czech")),
        *(("Lithuanian", "cp1257"), ("English", "cp850"), ("German", "mac_roman")),
        *(("Russian", "cp1251"), ("Greek", "cp1253"), ("Arabic", "cp1256")),
        *(("a Turkish name", "cp1254"), ("a Polish name", "cp1250")),
        *((name, "cp1252") for name in (*QUIET, "Icelandic", "volumes")),
        *(
            (name, code)
            for name in LANGUAGES
            for code in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
        ),
    ],
)
def test_each_language_is_read_as_it_was_written(language: str, encoding: str) -> None:
    found = decoded(LANGUAGES[language].encode(encoding))
    assert found.text == LANGUAGES[language]
    unasked = encoding.startswith("utf") or (encoding == "cp1252" and language in QUIET)
    assert not (unasked and found.notes)
    assert unasked or language in {"Icelandic", "volumes"} or "some letters may be wrong" in found.notes[0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_letters_without_a_mark_are_a_text(encoding: str) -> None:
    reading, body = read((NOTE * 3).encode(encoding))
    assert (reading.kind, body.decode(), reading.notes) == ("txt", NOTE * 3, ())


@pytest.mark.parametrize("body", [b"\xff\xfea", b"\xfe\xff\xd8\x00", b"\xef\xbb\xbf\xff"])
def test_a_wrong_letter_behind_a_mark_is_one_wrong_letter(body: bytes) -> None:
    found = decoded(body)
    assert len(found.text) <= 1
    assert found.notes


def test_a_mark_before_what_is_no_text_is_damage() -> None:
    with pytest.raises(Corrupt):
        decode(b"\xff\xfe" + b"\x00\xd8" * 100)


def test_a_wrong_byte_costs_its_own_letter() -> None:
    body = LETTER.encode() + b"caf\xe9 and \x81 too\r\n" + LETTER.encode()
    found = decoded(body)
    assert found.text == LETTER + "café and \ufffd too\r\n" + LETTER
    (said,) = found.notes
    assert said == (
        "2 letters are in this text in another encoding than the rest. "
        "The letters there may be wrong, or have the sign \ufffd in their place."
    )


@pytest.mark.parametrize("cut", [1, 2])
def test_a_letter_that_is_cut_off_costs_no_other(cut: int) -> None:
    found = decoded((LETTER + "€").encode()[:-cut])
    assert found.text == LETTER
    assert found.notes == (INCOMPLETE,)


@pytest.mark.parametrize("end", [b"\x1a", b"\x1a" * 90, b"\0" * 400])
def test_padding_of_dos_files_is_removed_without_a_note(end: bytes) -> None:
    reading, body = read(LETTER.encode() + end)
    assert (reading.kind, body.decode(), reading.notes) == ("txt", LETTER, ())


@pytest.mark.parametrize("control", [b"\0", b"\x01", b"\x07", b"\x1b", b"\x1a"])
def test_a_control_character_leaves_a_sign(control: bytes) -> None:
    reading, body = read(NOTE.encode() + control + NOTE.encode())
    assert (reading.kind, body.decode()) == ("txt", NOTE + "\ufffd" + NOTE)
    assert reading.notes[0].startswith("1 character in this text cannot be shown.")


@pytest.mark.parametrize(
    "body", [bytes(range(256)) * 20, b"MZ" + bytes(200), b"\0\1\2ab", b"MZ\x90" + b"\0" * 60 + b"program" * 9]
)
def test_bytes_that_are_mostly_no_text_are_not_text(body: bytes) -> None:
    with pytest.raises(UnsupportedType):
        read(body)


def test_plain_text_goes_to_the_page_as_utf_8() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read(LETTER.encode(encoding))[1] == LETTER.encode()


_VISITS = "Dear Anna,\n\nWe saw the family on Monday. All was well.\n\nBring the papers on Friday"


@pytest.mark.parametrize(
    "text",
    [
        *(
            LETTER,
            LETTER.strip(),
            f"{LETTER}Anna Sample",
            _VISITS,
            "A. Person",
            "2 March",
            "One line of notes",
        ),
        *(f"{_VISITS}\nhttps://school.test/report", "Name: Anna\nBorn: 2 March\nTeam: North", "1\n2\n3\n4"),
        *("a, b, c", "A list:\n- one\n- two\n- three", "Seen.\r\nAgreed.\r\nYours\r\nAnna"),
    ],
)
def test_a_whole_text_without_a_last_line_break_gets_no_note(text: str) -> None:
    assert notes(text.encode()) == ()


_LINES = "The family was seen at home on Monday and all of them were quite well.\n" * 5


@pytest.mark.parametrize(
    "text",
    [
        *(
            _LINES + "The heating",
            _LINES[:-20],
            "Seen at home,\r\nand well\r",
            "It was agreed that (",
        ),
        *("x" * 511 + "y", _VISITS[:20] + "\nBring the papers,"),
    ],
)
def test_a_text_that_breaks_off_says_so(text: str) -> None:
    assert notes(text.encode()) == (truncation.LIKELY,)


def test_text_that_no_phone_lays_out_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read(b"a line\n" * (MAX_TEXT // 7 + 1))


def test_data_on_one_line_is_broken_into_lines_and_not_changed_otherwise() -> None:
    text = '{"a":[1.10,1e400,"x, {y}: \\"z\\""],"a":{"":null},"long":"' + "£" * 600 + '"}'
    lines = data(text)
    assert lines.splitlines()[:4] == ["{", '  "a": [', "    1.10,", "    1e400,"]
    assert re.sub(r"\n *", "", lines).replace(": ", ":") == text.replace(": ", ":")


def test_data_that_has_lines_stays_as_it_is() -> None:
    text = '{\n"a" :  1 }\n'
    assert data(text) == text


@pytest.mark.parametrize(
    "body", [b"[" * 1_000_000, b'{"a":' * 200_000, b'["' + b"\\" * 900_000, b"]" * 600, b":" * 1_000_000]
)
def test_data_of_any_depth_ends_as_text(body: bytes) -> None:
    assert len(data(body.decode())) >= len(body)
