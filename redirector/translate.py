"""Translation of an internal link into a document reference; pure functions that never raise.

Links arrive in many spellings (docs/redirector-rules.md lists them), written by several generations of
software and copied by people. All spellings are accepted, but a link that could mean two documents is
refused.

A missing, malformed or contradictory person id does not prevent access to the document: it is left out of the
audit record, and counted.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_to_bytes

from redirector.rules import IdRule, Rule, Rules
from shared.document_ref import DOCUMENT_ID, PERSON_ID, DocumentRef

MAX_LINK_LENGTH = 4000
"""The most characters of a link; longer links are refused unread. Mosaic's own have fewer than 100."""
MAX_DECODINGS = 4
"""The most layers of URL encoding that are decoded; software was seen to encode twice."""

_AMPERSAND = re.compile(r"&(?:amp;|#0{0,4}38;|#x0{0,4}26;)+", re.IGNORECASE)
_ENCODED = re.compile(r"[%+]|&(?:amp;|#)", re.IGNORECASE)
_SCHEME = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_HOST = re.compile(r"([a-z0-9._-]{1,253})(?::[0-9]{1,5})?", re.IGNORECASE)
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""Zero-width characters, which are copied along with text from web pages or Word."""
_BLANKS = " \t\r\n\f\v\u00a0\u2007\u202f\u3000" + _INVISIBLE
_BEFORE_LINK = _BLANKS + "<([{\"'`\u2018\u201c\u00ab"
_AFTER_LINK = _BLANKS + ">)]}\"'`\u2019\u201d\u00bb.,;:!?"


class Reason(StrEnum):
    """Why a link leads to no document; the value is the metric's outcome and the problem's code."""

    UNKNOWN_LINK = "unknown_link"
    MISSING_ID = "missing_id"
    MALFORMED_ID = "malformed_id"
    CONFLICTING_IDS = "conflicting_ids"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Found:
    """A link that was understood.

    Args:
        ref: the document that the link means.
        rule: the name of the rule that matched.
        person_dropped: whether the link had a person id that was left out.
    """

    ref: DocumentRef
    rule: str
    person_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A link that leads to no document.

    Args:
        reason: why the link is refused.
        rule: the name of the rule that matched; None where none did.
    """

    reason: Reason
    rule: str | None = None


def translate_request(untrusted_path: str, untrusted_query: str, rules: Rules) -> Found | Refusal:
    """Translate a link that led here directly, that is, Mosaic's path and query on our own host.

    Args:
        untrusted_path: the path, decoded once.
        untrusted_query: the raw query without the question mark.
        rules: the rules.
    """
    if len(untrusted_path) + len(untrusted_query) > MAX_LINK_LENGTH:
        return Refusal(Reason.TOO_LONG)
    path, query = untrusted_path, _decoded(untrusted_query)
    if not query:
        path, _, query = _decoded(path).partition("?")
    return _translate(None, path, query, rules)


def translate_text(untrusted_text: str, rules: Rules) -> Found | Refusal:
    """Translate a pasted link: `http://host/path?query`, or parts of it from the host or the path on.

    Blanks, brackets, quotes and punctuation around it are ignored; it may be URL-encoded several times.
    """
    if len(untrusted_text) > MAX_LINK_LENGTH:
        return Refusal(Reason.TOO_LONG)
    text = _decoded(untrusted_text).lstrip(_BEFORE_LINK).rstrip(_AFTER_LINK)
    address, _, query = text.partition("#")[0].partition("?")
    address = address.replace("\\", "/")
    if address.startswith("/") and not address.startswith("//"):
        return _translate(None, address, query, rules)
    authority, slash, path = _SCHEME.sub("", address, count=1).partition("/")
    host = _HOST.fullmatch(authority)
    if not host:
        return Refusal(Reason.UNKNOWN_LINK)
    return _translate(host[1].lower(), slash + path, query, rules)


def _translate(host: str | None, path: str, query: str, rules: Rules) -> Found | Refusal:
    rule = rules.find(path, host)
    if rule is None:
        return Refusal(Reason.UNKNOWN_LINK)
    parameters = _parameters(query)
    document = _document_id(parameters.get(rule.id.parameter, ()), rule.id)
    if isinstance(document, Reason):
        return Refusal(document, rule.name)
    given = parameters.get(rule.carry.person, ()) if rule.carry.person else ()
    person = _person(given)
    return _found(rule, document, person, person_dropped=bool(given) and person is None)


def _found(rule: Rule, document: str, person: str | None, *, person_dropped: bool) -> Found | Refusal:
    try:
        return Found(DocumentRef(rule.source, document, person), rule.name, person_dropped)
    except ValueError:
        return Refusal(Reason.MALFORMED_ID, rule.name)


def _decoded(text: str) -> str:
    """Decode URL encoding and `&amp;` repeatedly.

    The whole query is decoded before it is split, because `%26` may stand for the `&` between two parameters.
    """
    for _ in range(MAX_DECODINGS):
        if not _ENCODED.search(text):
            break
        octets = text.replace("+", " ").encode(errors="replace")
        text = _AMPERSAND.sub("&", _as_text(unquote_to_bytes(octets)))
    return text


def _as_text(octets: bytes) -> str:
    """Decode as UTF-8, or else as Latin-1, in which every byte is valid."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _parameters(query: str) -> dict[str, list[str]]:
    """The values of each query parameter by its name in lower case, stripped, without empty ones."""
    parameters: dict[str, list[str]] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        value = value.strip(_BLANKS)
        if value:
            parameters.setdefault(name.strip(_BLANKS).lower(), []).append(value)
    return parameters


def _document_id(values: Iterable[str], rule: IdRule) -> str | Reason:
    ids = {_without_zeros(value) if rule.max else value for value in values}
    if not ids:
        return Reason.MISSING_ID
    if len(ids) > 1:
        return Reason.CONFLICTING_IDS
    return _checked(ids.pop(), rule)


def _checked(untrusted_id: str, rule: IdRule) -> str | Reason:
    """Check the general form first, since it limits the length before the rule's own pattern is tried."""
    if not DOCUMENT_ID.fullmatch(untrusted_id) or not rule.pattern.fullmatch(untrusted_id):
        return Reason.MALFORMED_ID
    if rule.max and not (_is_number(untrusted_id) and int(untrusted_id) <= rule.max):
        return Reason.MALFORMED_ID
    return untrusted_id


def _person(values: Iterable[str]) -> str | None:
    persons = {_without_zeros(value) for value in values}
    person = persons.pop() if len(persons) == 1 else ""
    return person if PERSON_ID.fullmatch(person) else None


def _without_zeros(value: str) -> str:
    """A whole number without leading zeros, since eDocs and Mosaic treat 007 as 7."""
    return value.lstrip("0") or "0" if _is_number(value) else value


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit()
