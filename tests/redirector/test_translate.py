"""Every known spelling of a link leads to its document, and every other link is refused."""

from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redirector.rules import IdRule, Rule, Rules, load_rules
from redirector.settings import SHIPPED_RULES
from redirector.translate import MAX_LINK_LENGTH, Found, Reason, Refusal, translate_request, translate_text

RULES = load_rules(SHIPPED_RULES)
PATH = "/LbhMosaicEDocs/DocumentMenu.aspx"
HOST = "http://mosaic.internal"
NBSP = "\N{NO-BREAK SPACE}"


def document(result: Found | Refusal) -> tuple[str, str | None] | Reason:
    """The document's id and person, or the reason of the refusal."""
    return result.reason if isinstance(result, Refusal) else (result.ref.id, result.ref.person)


def asked(query: str, path: str = PATH) -> tuple[str, str | None] | Reason:
    return document(translate_request(path, query, RULES))


def pasted(text: str) -> tuple[str, str | None] | Reason:
    return document(translate_text(text, RULES))


UNDERSTOOD = [
    "documentId=123&personId=456",
    "DOCUMENTID=123&PERSONID=456",
    "documentid=123&personid=456",
    "personId=456&documentId=123",
    "x=1&documentId=123&y=&personId=456&z",
    "documentId=123&amp;personId=456",
    "documentId=123&AMP;personId=456",
    "documentId=123&amp;amp;personId=456",
    "documentId=123&#38;personId=456",
    "documentId=123&#x26;personId=456",
    "documentId=123%26personId=456",
    "documentId=123%26personId%3D456",
    "documentId=123%26amp%3BpersonId%3D456",
    "documentId=123%2526personId%253D456",
    "documentId%3D123%26personId%3D456",
    "documentId=123&personId=456&documentId=123&personId=456",
    "documentId=123&documentId=0123&personId=456",
    "documentId=&documentId=123&personId=456",
    "documentId=123&personId=&personId=456",
    "documentId=%20123%20&personId=+456+",
    "documentId=+123&personId=456%09",
    "documentId=123%C2%A0&personId=%C2%A0456",
    "documentId=123%A0&personId=456",
    "documentId=%E2%80%8B123&personId=456",
    "documentId=123%0D%0A&personId=456",
    f"documentId={NBSP}123&personId=456",
    "%20documentId%20=%20123&personId=456",
    "documentId=0000000000000000000000123&personId=000456",
    "&&documentId=123&&personId=456&",
]


@pytest.mark.parametrize("query", UNDERSTOOD)
def test_every_spelling_of_the_query_is_understood(query: str) -> None:
    assert asked(query) == ("123", "456")


@pytest.mark.parametrize("query", UNDERSTOOD)
def test_every_spelling_is_understood_in_pasted_and_encoded_links(query: str) -> None:
    link = f"{HOST}{PATH}?{query}"
    assert (
        pasted(link) == pasted(quote(link, safe="")) == pasted(quote(quote(link, safe=""))) == ("123", "456")
    )


@pytest.mark.parametrize(
    "path",
    [
        PATH,
        PATH.lower(),
        PATH.upper(),
        PATH + "/",
        "/" + PATH,
        PATH.replace("/", "//"),
        PATH.replace("/", "\\"),
        PATH + " ",
    ],
)
def test_every_spelling_of_the_path_is_understood(path: str) -> None:
    assert asked("documentId=123", path) == ("123", None)


def test_a_question_mark_encoded_into_the_path_is_understood() -> None:
    assert asked("", f"{PATH}?documentId=123&personId=456") == ("123", "456")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", Reason.MISSING_ID),
        ("documentId=", Reason.MISSING_ID),
        ("documentId", Reason.MISSING_ID),
        ("documentId=%20+%09%C2%A0", Reason.MISSING_ID),
        ("personId=456", Reason.MISSING_ID),
        ("id=123", Reason.MISSING_ID),
        ("documentId=abc", Reason.MALFORMED_ID),
        ("documentId=12a", Reason.MALFORMED_ID),
        ("documentId=-1", Reason.MALFORMED_ID),
        ("documentId=1.5", Reason.MALFORMED_ID),
        ("documentId=1e3", Reason.MALFORMED_ID),
        ("documentId=0x1F", Reason.MALFORMED_ID),
        ("documentId=0", Reason.MALFORMED_ID),
        ("documentId=000", Reason.MALFORMED_ID),
        ("documentId=2147483648", Reason.MALFORMED_ID),
        ("documentId=99999999999", Reason.MALFORMED_ID),
        ("documentId=" + "9" * 3000, Reason.MALFORMED_ID),
        ("documentId=12 3", Reason.MALFORMED_ID),
        ("documentId=12%203", Reason.MALFORMED_ID),
        ("documentId=12%003", Reason.MALFORMED_ID),
        ("documentId=123%00", Reason.MALFORMED_ID),
        ("documentId=123%0A4", Reason.MALFORMED_ID),
        ("documentId=..%2F..%2Fetc", Reason.MALFORMED_ID),
        ("documentId=..", Reason.MALFORMED_ID),
        ("documentId=%D9%A1%D9%A2%D9%A3", Reason.MALFORMED_ID),
        ("documentId=\N{ARABIC-INDIC DIGIT ONE}", Reason.MALFORMED_ID),
        ("documentId=\N{FULLWIDTH DIGIT ONE}", Reason.MALFORMED_ID),
        ("documentId=\N{SUPERSCRIPT TWO}", Reason.MALFORMED_ID),
        ("documentId=//evil.test", Reason.MALFORMED_ID),
        ("documentId=123&documentId=124", Reason.CONFLICTING_IDS),
        ("documentId=123&DOCUMENTID=124", Reason.CONFLICTING_IDS),
        ("documentId=123%26documentId=124", Reason.CONFLICTING_IDS),
        ("documentId=123&amp;documentId=abc", Reason.CONFLICTING_IDS),
        ("documentId=1&x=" + "y" * MAX_LINK_LENGTH, Reason.TOO_LONG),
    ],
)
def test_queries_without_one_valid_id_are_refused(query: str, reason: Reason) -> None:
    assert asked(query) == reason


def test_the_largest_edocs_number_is_understood() -> None:
    assert asked("documentId=2147483647") == ("2147483647", None)


@pytest.mark.parametrize(
    "path",
    ["/", "", "/LbhMosaicEDocs", "/DocumentMenu.aspx", PATH + "x", "/x" + PATH, "/../" + PATH, "/edocs/7"],
)
def test_unknown_paths_are_refused(path: str) -> None:
    assert asked("documentId=123", path) == Reason.UNKNOWN_LINK


@pytest.mark.parametrize(
    "person", ["abc", "-1", "4 5", "4" * 19, "%D9%A1", "456&personId=457", "456%26personId=457", "%00", "<b>"]
)
def test_a_malformed_person_never_prevents_access_to_the_document(person: str) -> None:
    result = translate_request(PATH, f"documentId=123&personId={person}", RULES)
    assert isinstance(result, Found)
    assert (result.ref.id, result.ref.person, result.person_dropped) == ("123", None, True)


@pytest.mark.parametrize(
    "query", ["documentId=123", "documentId=123&personId=", "documentId=123&personId=456"]
)
def test_a_missing_or_good_person_is_not_counted_as_dropped(query: str) -> None:
    result = translate_request(PATH, query, RULES)
    assert isinstance(result, Found)
    assert not result.person_dropped


@pytest.mark.parametrize(
    "template",
    [
        "{}",
        "  {}  ",
        "\t{}\r\n",
        "<{}>",
        "({}).",
        '"{}",',
        "\N{LEFT DOUBLE QUOTATION MARK}{}\N{RIGHT DOUBLE QUOTATION MARK}",
        "\N{BOM}{}",
        NBSP + "{}" + NBSP,
        "{}#top",
        "{};",
        "{}?",
    ],
)
@pytest.mark.parametrize("start", ["http://", "https://", "HTTP://", "//", ""])
@pytest.mark.parametrize("host", ["mosaic", "mosaic.internal", "MOSAIC:8080", "10.0.0.7", "web_01"])
def test_pasted_links_are_understood(template: str, start: str, host: str) -> None:
    link = f"{start}{host}{PATH}?documentId=123&personId=456"
    assert pasted(template.format(link)) == ("123", "456")


def test_the_path_alone_can_be_pasted() -> None:
    assert pasted(f"{PATH}?documentId=123") == ("123", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123",
        "hello",
        "http://",
        "https:///",
        "javascript:alert(1)",
        f"javascript://x{PATH}?documentId=1",
        f"ftp://mosaic{PATH}?documentId=1",
        f"http://user@mosaic{PATH}?documentId=1",
        f"http://[::1{PATH}?documentId=1",
        "https://documents.council.test/documents/edocs/123",
        "\x00",
        "http://mosaic.internal/",
    ],
)
def test_texts_that_are_not_document_links_are_refused(text: str) -> None:
    assert pasted(text) == Reason.UNKNOWN_LINK


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{HOST}{PATH}", Reason.MISSING_ID),
        (f"{HOST}{PATH}?documentId=12 3", Reason.MALFORMED_ID),
        (f"{HOST}{PATH}?documentId=1 {HOST}{PATH}?documentId=2", Reason.MALFORMED_ID),
        ("x" * (MAX_LINK_LENGTH + 1), Reason.TOO_LONG),
    ],
)
def test_pasted_links_without_one_valid_id_are_refused(text: str, reason: Reason) -> None:
    assert pasted(text) == reason


def test_a_rule_with_hosts_takes_no_other() -> None:
    rule = Rule.model_validate(
        {
            "name": "letters",
            "source": "archive",
            "path": "/letter",
            "hosts": ["archive.internal"],
            "id": {"parameter": "no", "pattern": "[A-Z.]{1,9}"},
        }
    )
    rules = Rules([rule])
    assert document(translate_text("http://ARCHIVE.internal:81/Letter?NO=AB", rules)) == ("AB", None)
    assert (
        document(translate_text("http://archive.internal.evil.test/letter?no=AB", rules))
        == Reason.UNKNOWN_LINK
    )
    assert (
        document(translate_text("http://archive.internal@evil.test/letter?no=AB", rules))
        == Reason.UNKNOWN_LINK
    )
    assert document(translate_request("/letter", "no=AB", rules)) == ("AB", None)
    assert document(translate_request("/letter", "no=..", rules)) == Reason.MALFORMED_ID


def test_ids_that_are_not_numbers_keep_their_zeros() -> None:
    rule = RULES.find(PATH, None)
    assert rule is not None
    id_rule = IdRule.model_validate({"parameter": "documentId", "pattern": "[0-9]{1,6}"})
    rules = Rules([rule.model_copy(update={"id": id_rule.model_copy(update={"parameter": "documentid"})})])
    assert document(translate_request(PATH, "documentId=007", rules)) == ("007", None)


PIECES = st.sampled_from(
    ["documentId", "personId", "=", "&", "&amp;", "%26", "%2526", "?", "#", "/", "\\", "//", "@", ":", " ",
     "\x00", "1", "123", "..", PATH, HOST, "http://", "//evil.test", "\r\nLocation: x", NBSP, "%", "%ZZ",
     "%E2%80", "\ud800", "é"]
)  # fmt: skip
HOSTILE = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=20).map("".join))


def assert_harmless(result: Found | Refusal) -> None:
    if isinstance(result, Refusal):
        return
    url = f"https://viewer.test{result.ref.viewer_path('0123456789abcdef')}"
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc) == ("https", "viewer.test")
    assert parts.path == f"/documents/edocs/{result.ref.id}"
    assert result.ref.id.isascii()
    assert 1 <= int(result.ref.id) < 2**31
    assert url.isascii()
    assert url.isprintable()


@given(path=HOSTILE, query=HOSTILE)
def test_every_request_is_translated_or_refused(path: str, query: str) -> None:
    assert_harmless(translate_request(path, query, RULES))


@given(query=HOSTILE)
def test_every_query_at_a_known_path_is_translated_or_refused(query: str) -> None:
    assert_harmless(translate_request(PATH, f"documentId=1&{query}", RULES))
    assert_harmless(translate_request(PATH, query, RULES))


@given(text=HOSTILE)
def test_every_pasted_text_is_translated_or_refused(text: str) -> None:
    assert_harmless(translate_text(text, RULES))
    assert_harmless(translate_text(f"{HOST}{PATH}?{text}", RULES))


@given(
    number=st.integers(1, 2**31 - 1),
    person=st.integers(0, 10**18 - 1),
    extra=st.text("abc123-_.", max_size=20),
)
def test_every_number_arrives(number: int, person: int, extra: str) -> None:
    assert asked(f"z={extra}&personId={person}&documentId={number}") == (str(number), str(person))
