"""Attacks on sign-in, links and routes, all of which must fail. docs/security.md names these tests."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import jwt
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redirector.app import create_app as create_redirector
from redirector.settings import Settings as RedirectorSettings
from shared.identity.attempts import same_site_path
from shared.identity.sessions import SESSION_COOKIE
from tests.viewer import samples
from tests.viewer.conftest import OUTSIDER, PUBLIC_URL, WORKER, Site
from tests.viewer.stub_server import StubServer, serving
from tests.viewer.tokens import (
    AUDIENCE,
    COUNCIL_SETTINGS,
    SECRET,
    Keys,
    bearer,
    council_claims,
    council_token,
    raw_token,
)

PAGE = "/documents/edocs/77?person=123"
RENDITION = "/documents/edocs/77/rendition?person=123"
DOCUMENT = "/api/v1/documents/edocs/77"
HOST = "documents.council.test"
COLLEAGUE = "colleague@council.test"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
LETTER = samples.pdf()


def _now() -> int:
    return int(time.time())


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


@pytest.fixture(scope="module")
def google(keys: Keys) -> Iterator[StubServer]:
    with serving(keys.answer) as stub:
        yield stub


@pytest.fixture
def site(make_site: Callable[..., Site], google: StubServer) -> Site:
    """A viewer for Google's people and programs, with one document."""
    site = make_site(api=True, api_audiences=AUDIENCE, google_keys_url=f"{google.url}/certs")
    site.fake_edocs.put("77", "77.pdf", LETTER)
    site.groups.members.add(COLLEAGUE)
    return site


@pytest.fixture
def council(make_site: Callable[..., Site]) -> Site:
    """A viewer for the council's own tokens."""
    site = make_site(**COUNCIL_SETTINGS)
    site.fake_edocs.put("77", "77.pdf", LETTER)
    return site


# --- tokens -----------------------------------------------------------------------------------


def _claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _with_claims(token: str, **changes: Any) -> str:
    header, _, signature = token.split(".")
    claims = json.dumps(_claims_of(token) | changes).encode()
    return f"{header}.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}.{signature}"


def _hs256(keys: Keys) -> str:
    """A token signed with the public key as if it were the secret, for libraries that trust its header."""
    header = {"alg": "HS256", "kid": "one", "typ": "JWT"}
    unsigned = raw_token(header, _claims_of(keys.token())).rsplit(".", 1)[0]
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        unsigned.encode(), keys.public_pem.encode()
    )
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _jwk(keys: Keys) -> dict[str, Any]:
    key: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(keys.other.public_key(), as_dict=True)
    return key


GOOGLE_TOKENS: dict[str, Callable[[Keys], str]] = {
    "empty": lambda _: ".",
    "not a token": lambda _: "x" * 300,
    "two parts": lambda keys: keys.token().rsplit(".", 1)[0],
    "no signature": lambda keys: keys.token().rsplit(".", 1)[0] + ".",
    "another signature": lambda keys: keys.token().rsplit(".", 1)[0] + "." + "A" * 342,
    "claims changed after signing": lambda keys: _with_claims(keys.token(), email="boss@council.test"),
    "alg none": lambda keys: raw_token({"alg": "none", "kid": "one"}, _claims_of(keys.token())),
    "alg None in capitals": lambda keys: raw_token({"alg": "NONE", "kid": "one"}, _claims_of(keys.token())),
    "no alg": lambda keys: raw_token({"kid": "one"}, _claims_of(keys.token()), b"x"),
    "wrong key": lambda keys: keys.token(keys.other),
    "unknown key's name": lambda keys: keys.token(keys.other, headers={"kid": "two"}),
    "HS256 with the public key as secret": _hs256,
    "key in the header": lambda keys: keys.token(keys.other, headers={"jwk": _jwk(keys)}),
    "key's address in the header": lambda keys: keys.token(
        keys.other, headers={"jku": "https://evil.test/k"}
    ),
    "PS256 in place of RS256": lambda keys: keys.token(algorithm="PS256"),
    "expired": lambda keys: keys.token(exp=_now() - 60),
    "no expiry": lambda keys: keys.token(exp=None),
    "expiry that is no number": lambda keys: keys.token(exp="tomorrow"),
    "made in the future": lambda keys: keys.token(iat=_now() + 600),
    "endless": lambda _: raw_token({"alg": "RS256", "kid": "one"}, {"exp": float("inf")}, b"x"),
    "not yet": lambda keys: keys.token(nbf=_now() + 600),
    "wrong issuer": lambda keys: keys.token(iss="https://accounts.evil.test"),
    "longer issuer": lambda keys: keys.token(iss="https://accounts.google.com.evil.test"),
    "issuers": lambda keys: keys.token(iss=["https://accounts.google.com"]),
    "no issuer": lambda keys: keys.token(iss=None),
    "wrong audience": lambda keys: keys.token(aud="another-program"),
    "no audience": lambda keys: keys.token(aud=None),
    "empty audience": lambda keys: keys.token(aud=[]),
    "the council's kind": lambda _: council_token(),
}
"""Invalid Google ID tokens, by what is wrong with each."""


@pytest.mark.parametrize("attack", GOOGLE_TOKENS)
def test_a_token_that_google_did_not_make_for_us_opens_nothing(site: Site, keys: Keys, attack: str) -> None:
    answer = site.visitor().get(DOCUMENT, headers=bearer(GOOGLE_TOKENS[attack](keys)))
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_refused")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert site.edocs.requests == []
    assert site.groups.asked == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"hd": None},
        {"hd": "elsewhere.test"},
        {"hd": "council.test.evil.test"},
        {"email": "worker@elsewhere.test"},
        {"email": "worker@council.test.evil.test"},
        {"email": "worker@notcouncil.test"},
        {"email": None},
        {"email": ["worker@council.test"]},
    ],
)
def test_a_genuine_token_of_somebody_else_opens_nothing(
    site: Site, keys: Keys, changes: dict[str, Any]
) -> None:
    answer = site.visitor().get(DOCUMENT, headers=bearer(keys.token(**changes)))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "wrong_domain")
    assert site.edocs.requests == []


def _signed_with_nothing() -> str:
    unsigned = raw_token({"alg": "HS256", "typ": "JWT"}, council_claims()).rsplit(".", 1)[0]
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = base64.urlsafe_b64encode(algorithm.sign(unsigned.encode(), b"")).rstrip(b"=")
    return f"{unsigned}.{signature.decode()}"


COUNCIL_TOKENS: dict[str, Callable[[], str]] = {
    "empty": lambda: ".",
    "not a token": lambda: "hackneyToken",
    "no signature": lambda: council_token().rsplit(".", 1)[0] + ".",
    "claims changed after signing": lambda: _with_claims(council_token(), email="boss@council.test"),
    "groups changed after signing": lambda: _with_claims(
        council_token(groups=[]), groups=["Document readers"]
    ),
    "alg none": lambda: raw_token({"alg": "none", "typ": "JWT"}, council_claims()),
    "alg nOnE": lambda: raw_token({"alg": "nOnE", "typ": "JWT"}, council_claims()),
    "wrong secret": lambda: council_token("another-secret-of-the-right-length-0123456789"),
    "empty secret": _signed_with_nothing,
    "HS512 with the right secret": lambda: council_token(SECRET * 2, algorithm="HS512"),
    "HS384 with the right secret": lambda: council_token(SECRET * 2, algorithm="HS384"),
    "RS256 by a key of the attacker's": lambda: Keys().token(iss="Hackney", aud=None),
    "wrong issuer": lambda: council_token(iss="Hackneyy"),
    "issuer in another case": lambda: council_token(iss="hackney"),
    "no issuer": lambda: council_token(iss=None),
    "too old": lambda: council_token(iat=_now() - 3700),
    "made in the future": lambda: council_token(iat=_now() + 600),
    "no time": lambda: council_token(iat=None),
    "a time that is no number": lambda: council_token(iat=str(_now())),
    "a time that is true": lambda: council_token(iat=True),
    "a time without end": lambda: council_token(iat=float("inf")),
    "a time that is not a number at all": lambda: council_token(iat=float("nan")),
    "expired by its own word": lambda: council_token(exp=_now() - 60),
    "for another service": lambda: council_token(aud="another-service"),
    "no address": lambda: council_token(email=None),
    "addresses": lambda: council_token(email=["worker@council.test"]),
    "two addresses in one": lambda: council_token(email="worker@council.test boss@council.test"),
    "no subject": lambda: council_token(sub=None),
    "Google's kind": lambda: Keys().token(),
}
"""Invalid tokens of the council, by what is wrong with each."""


@pytest.mark.parametrize("attack", COUNCIL_TOKENS)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_token_that_the_council_did_not_make_opens_nothing(council: Site, attack: str) -> None:
    answer = council.visitor().get(DOCUMENT, headers=bearer(COUNCIL_TOKENS[attack]()))
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_refused")
    assert council.edocs.requests == []


@pytest.mark.parametrize("attack", COUNCIL_TOKENS)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_cookie_that_the_council_did_not_make_starts_no_session(council: Site, attack: str) -> None:
    client = council.visitor()
    login = client.get(client.get(PAGE).location).location
    (back,) = parse_qs(urlsplit(login).query)["redirect_uri"]
    client.set_cookie("hackneyToken", COUNCIL_TOKENS[attack](), domain=HOST, secure=True)
    answer = client.get(back.removeprefix(PUBLIC_URL))
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (400, "sign_in_failed")
    assert client.get(PAGE).status_code == 302


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_text_at_all_is_a_token(council: Site, text: str) -> None:
    header = f"Bearer {text}".encode("latin-1", "ignore").decode("latin-1")
    try:
        answer = council.visitor().get(DOCUMENT, headers={"Authorization": header})
    except ValueError:
        return  # no header may hold a line's end: the client itself refuses
    assert answer.status_code == 401


# --- ways in that are not meant for the caller -------------------------------------------------


def test_no_cookie_opens_the_api(site: Site) -> None:
    member = site.signed_in()
    assert member.get(PAGE).status_code == 200
    answer = member.get(DOCUMENT)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_missing")


def test_no_bearer_token_opens_a_page(site: Site, council: Site, keys: Keys) -> None:
    for where, token in ((site, keys.token()), (council, council_token())):
        for path in (PAGE, RENDITION):
            answer = where.visitor().get(path, headers=bearer(token))
            assert (answer.status_code, urlsplit(answer.location).path) == (302, "/sign-in")


@pytest.mark.parametrize(
    "name", ["access_token", "token", "hackneyToken", "id_token", "Authorization", "bearer"]
)
def test_no_token_in_the_query_opens_anything(council: Site, name: str) -> None:
    answer = council.visitor().get(f"{DOCUMENT}?{urlencode({name: council_token()})}")
    assert answer.status_code == 401


@pytest.mark.parametrize("scheme", ["Basic", "Token", "JWT", "", "Bearer:"])
def test_no_other_scheme_carries_a_token(council: Site, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {council_token()}".strip()}
    assert council.visitor().get(DOCUMENT, headers=headers).status_code == 401


# --- sessions and links --------------------------------------------------------------------------


def _session(site: Site, email: str = WORKER) -> str:
    cookie = site.signed_in(email).get_cookie(SESSION_COOKIE, HOST)
    assert cookie
    return cookie.value


def _get_with_session(site: Site, value: str) -> int:
    client = site.visitor()
    client.set_cookie(SESSION_COOKIE, value, domain=HOST, secure=True)
    return client.get(PAGE).status_code


def test_a_session_with_any_one_character_changed_is_none(site: Site) -> None:
    value = _session(site)
    assert _get_with_session(site, value) == 200
    for place in range(len(value) - 1):  # the last character's low bits mean nothing in base64
        changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
        assert _get_with_session(site, changed) == 302, place


def test_a_session_put_together_from_two_is_none(site: Site) -> None:
    mine, other = _session(site, OUTSIDER), _session(site, WORKER)
    payload, stamp, signature = mine.rsplit(".", 2)
    other_payload, _, other_signature = other.rsplit(".", 2)
    for mixture in (
        f"{other_payload}.{stamp}.{signature}",
        f"{payload}.{stamp}.{other_signature}",
    ):
        assert _get_with_session(site, mixture) == 302


def test_a_session_after_signing_out_everywhere_is_none_when_replayed(site: Site) -> None:
    client = site.signed_in()
    cookie = client.get_cookie(SESSION_COOKIE, HOST)
    assert cookie
    client.post("/sign-out-everywhere", headers=OWN_PAGE)
    assert _get_with_session(site, cookie.value) == 302


def test_a_cookie_of_a_sign_in_under_way_is_no_session(site: Site) -> None:
    header = site.visitor().get("/sign-in").headers["Set-Cookie"]
    assert _get_with_session(site, header.split("=", 1)[1].split(";")[0]) == 302


def test_a_link_is_of_no_use_to_anybody_else(site: Site) -> None:
    link = site.signed_in().get(RENDITION).get_json()["url"]
    assert site.signed_in().get(link).status_code == 200
    assert site.signed_in(COLLEAGUE).get(link).status_code == 410
    assert site.signed_in(OUTSIDER).get(link).status_code == 403
    assert site.visitor().get(link).status_code == 302


def test_a_link_with_any_one_character_changed_is_none(site: Site) -> None:
    client = site.signed_in()
    link = client.get(RENDITION).get_json()["url"]
    for place in range(len("/content/"), len(link) - 1):
        changed = link[:place] + ("A" if link[place] != "A" else "B") + link[place + 1 :]
        assert client.get(changed).status_code == 410, place


def test_a_link_is_good_for_its_own_purpose_alone(site: Site) -> None:
    client = site.signed_in()
    token = client.get(RENDITION).get_json()["url"].rsplit("/", 1)[1]
    assert client.get(f"/renditions/{token}").status_code == 410
    assert client.get(f"/download/{token}").status_code == 404, "downloads are off"
    assert _get_with_session(site, token) == 302


# --- redirects -----------------------------------------------------------------------------------

_TRICKS = st.sampled_from(
    [
        "/",
        "//",
        "\\",
        "/\\",
        "evil.test",
        "https:",
        "http://",
        "@",
        "%2f",
        "%5c",
        "\t",
        "\n",
        "\r",
        ".",
        "..",
        ";",
        "?",
    ]
)
_TARGETS = st.lists(_TRICKS | st.text(max_size=4), max_size=8).map("".join)


@given(_TARGETS)
@settings(max_examples=400, deadline=None, database=None)
def test_no_target_leads_to_another_host(target: str) -> None:
    arrived = urlsplit(urljoin(PUBLIC_URL, PUBLIC_URL + same_site_path(target)))
    assert (arrived.scheme, arrived.netloc) == ("https", HOST)
    as_browsers_read = same_site_path(target).replace("\\", "/").replace("\t", "").replace("\n", "")
    assert as_browsers_read.startswith("/")
    assert not as_browsers_read.startswith("//")


@given(_TARGETS)
@settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_signing_in_leads_back_to_this_site_only(council: Site, target: str) -> None:
    client = council.visitor()
    login = client.get("/sign-in?" + urlencode({"target": target}, errors="ignore")).location
    (back,) = parse_qs(urlsplit(login).query)["redirect_uri"]
    client.set_cookie("hackneyToken", council_token(), domain=HOST, secure=True)
    arrived = client.get(back.removeprefix(PUBLIC_URL))
    assert arrived.status_code == 302
    assert arrived.location.startswith(PUBLIC_URL + "/")
    assert urlsplit(arrived.location).netloc == HOST


@given(path=_TARGETS, query=_TARGETS)
@settings(max_examples=300, deadline=None, database=None)
def test_the_redirector_leads_to_the_viewer_only(path: str, query: str) -> None:
    client = _redirector()
    for address in (
        "/" + path.lstrip("/"),
        "/?" + urlencode({"url": path + query}, errors="ignore"),
        "/LbhMosaicEDocs/DocumentMenu.aspx?documentId=7" + query,
        "/LbhMosaicEDocs/DocumentMenu.aspx?documentId=" + path,
    ):
        try:
            answer = client.get(address)
        except ValueError:
            continue  # no address for the test's client either
        if "Location" in answer.headers:
            assert answer.location.startswith(PUBLIC_URL + "/documents/edocs/")


_REDIRECTORS: list[FlaskClient] = []


def _redirector() -> FlaskClient:
    if not _REDIRECTORS:
        _REDIRECTORS.append(create_redirector(RedirectorSettings(viewer_url=PUBLIC_URL)).test_client())
    return _REDIRECTORS[0]


# --- requests from other sites ----------------------------------------------------------------------

CHANGES = ("/sign-out", "/sign-out-everywhere")


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": f"{PUBLIC_URL}.evil.test"},
        {"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL},
        {"Origin": "https://evil.test", "Host": "evil.test"},
        {"Origin": "https://evil.test", "X-Forwarded-Host": "evil.test"},
        {"Referer": f"{PUBLIC_URL}/"},
    ],
)
def test_another_site_changes_nothing(site: Site, path: str, headers: dict[str, str]) -> None:
    client = site.signed_in()
    assert client.post(path, headers=headers).status_code == 403
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("path", CHANGES)
def test_a_link_or_a_picture_changes_nothing(site: Site, path: str) -> None:
    client = site.signed_in()
    assert client.get(path).status_code in {404, 405}
    assert client.get(PAGE).status_code == 200


def test_every_route_that_changes_something_refuses_other_sites(site: Site) -> None:
    rules = [rule for rule in site.viewer.app.url_map.iter_rules() if (rule.methods or set()) - _READING]
    assert {rule.rule for rule in rules} >= set(CHANGES)
    for rule in rules:
        for method in (rule.methods or set()) - _READING:
            path = site.viewer.app.url_map.bind(HOST).build(rule.endpoint, dict.fromkeys(rule.arguments, "1"))
            answer = site.signed_in().open(path, method=method, headers={"Sec-Fetch-Site": "cross-site"})
            assert (answer.status_code, answer.headers["X-Error-Code"]) == (403, "cross_site"), rule.rule


_READING = {"GET", "HEAD", "OPTIONS"}


# --- spoofed headers ---------------------------------------------------------------------------------

SPOOFED = (
    {"Host": "evil.test"},
    {"X-Forwarded-Host": "evil.test"},
    {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/evil"},
    {"Forwarded": "host=evil.test;proto=http"},
    {"X-Original-URL": "/signed-out", "X-Rewrite-URL": "/signed-out"},
    {"X-HTTP-Method-Override": "POST"},
)


@pytest.mark.parametrize("headers", SPOOFED)
@pytest.mark.parametrize("proxies", [0, 1])
def test_no_header_chooses_where_people_are_sent(
    make_site: Callable[..., Site], headers: dict[str, str], proxies: int
) -> None:
    site = make_site(trusted_proxies=proxies)
    asked = site.visitor().get(PAGE, headers=headers)
    assert asked.location.startswith("/sign-in?")
    google = site.visitor().get("/sign-in?target=/", headers=headers).location
    assert parse_qs(urlsplit(google).query)["redirect_uri"] == [f"{PUBLIC_URL}/sign-in/callback"]
    assert "evil" not in asked.text + google


@pytest.mark.parametrize("headers", SPOOFED)
def test_no_header_signs_anybody_in(site: Site, headers: dict[str, str]) -> None:
    identity = {
        "X-Forwarded-User": WORKER,
        "X-Forwarded-Email": WORKER,
        "X-Goog-Authenticated-User-Email": f"accounts.google.com:{WORKER}",
        "Remote-User": WORKER,
        "X-Remote-User": WORKER,
    }
    assert site.visitor().get(PAGE, headers=identity | headers).status_code == 302
    assert site.visitor().get(DOCUMENT, headers=identity | headers).status_code == 401


def test_a_forwarded_address_is_believed_of_our_proxies_only(make_site: Callable[..., Site]) -> None:
    spoofed = {"X-Forwarded-For": "203.0.113.7"}
    site = make_site()
    site.signed_in(OUTSIDER).get(PAGE, headers=spoofed)
    assert site.record()[-1]["network_address"] == "127.0.0.1"
    proxied = make_site(trusted_proxies=1)
    chain = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}  # the last one is what our proxy saw
    proxied.signed_in(OUTSIDER).get(PAGE, headers=chain)
    assert proxied.record()[-1]["network_address"] == "203.0.113.7"


# --- paths -----------------------------------------------------------------------------------------

PATHS = (
    *(
        "/documents/edocs/../../signed-out",
        "/signed-out/../documents/edocs/77",
        "/static/../documents/edocs/77",
    ),
    *("/documents/edocs/77%2e", "/documents/edocs/77.", "/documents/edocs/%2e%2e", "/documents/edocs/.."),
    *(
        "/documents/edocs/77%00",
        "/documents/edocs/77%00.pdf",
        "/documents/edocs/77;x",
        "/documents/edocs;/77",
    ),
    *("//documents/edocs/77", "/documents//edocs/77", "/documents/edocs//77", "/documents/edocs/77/"),
    *(
        "/documents\\edocs\\77",
        "/documents/edocs%5c77",
        "/documents%2fedocs%2f77",
        "/documents/edocs/77%2frendition",
    ),
    *("/documents/edocs/%D9%A7%D9%A7", "/documents/edocs/%EF%BC%97%EF%BC%97", "/documents/edocs/%C2%B27"),
    *(
        "/DOCUMENTS/EDOCS/77",
        "/documents/EDOCS/77",
        "/documents/edocs/ 77",
        "/documents/edocs/77%20",
        "/documents/edocs/+77",
    ),
    *(
        "/documents/edocs/7_7",
        "/documents/edocs/-77",
        "/documents/edocs/77%0a",
        "/documents/edocs/77%0d%0ax:y",
    ),
    *("/static/../viewer/settings.py", "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%5c..%5cetc%5cpasswd"),
    *("/static/v-x/../../../etc/passwd", "/shared-static/....//....//etc/passwd", "/static//etc/passwd"),
    *("/api/../documents/edocs/77", "/api/v1/../../documents/edocs/77", "/api//v1/documents/edocs/77"),
    *("/API/v1/documents/edocs/77", "/api/v1/documents/edocs/77%2fpdf", "/api%2fv1/documents/edocs/77"),
    *("/documents/%c0%ae%c0%ae/77", "/documents/edocs/%ff%fe", "/" + "a/" * 2000),
)
"""Other spellings of a document's path, and paths to local files."""


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:60])
def test_no_spelling_of_a_path_gets_round_the_sign_in(site: Site, path: str) -> None:
    answer = site.visitor().get(path)
    assert answer.status_code in {302, 308, 400, 401, 404}
    if answer.status_code in {302, 308} and "Location" in answer.headers:
        assert urlsplit(answer.location).netloc in {"", HOST}
    assert b"%PDF" not in answer.data
    assert b"root:" not in answer.data
    assert site.edocs.requests == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:60])
def test_no_spelling_of_a_path_is_another_document(site: Site, path: str) -> None:
    """A member gets exactly the document that the path names, or a page about a missing one."""
    site.signed_in().get(path + "/rendition" if "static" not in path else path)
    assert {seen.path for seen in site.edocs.requests} <= {"/documents/77"}
    assert all("passwd" not in seen.path for seen in site.edocs.requests)


@pytest.mark.parametrize("path", ["/metrics", "/ready", "/live", "//metrics", "/%6detrics", "/metrics/"])
def test_the_operations_pages_are_not_there_for_the_public(site: Site, path: str) -> None:
    for headers in ({}, {"X-Forwarded-Port": "9102", "X-Forwarded-Host": "x:9102", "Host": "localhost:9102"}):
        assert site.visitor().get(path, headers=headers).status_code in {302, 308, 404}


# --- every route ---------------------------------------------------------------------------------------


def _closed(site: Site) -> list[tuple[str, str]]:
    values = {
        "source": "edocs",
        "document_id": "77",
        "ticket": "x",
        "token": "x",
        "filename": "x",
        "version": "x",
    }
    public = {"static", "shared_pages.static", "shared_pages.theme", "shared_pages.logo", "api.openapi"}
    public |= {"sign_in.login", "sign_in.authorized", "access.signed_out"}
    adapter = site.viewer.app.url_map.bind(HOST)
    return [
        (method, adapter.build(rule.endpoint, values, method=method))
        for rule in site.viewer.app.url_map.iter_rules()
        if rule.endpoint not in public
        for method in sorted(rule.methods or ())
    ]


def test_a_just_removed_member_is_out_of_every_route(site: Site, keys: Keys) -> None:
    member = site.signed_in()
    assert member.get(PAGE).status_code == 200
    site.groups.members.discard(WORKER)
    routes = _closed(site)
    assert len(routes) > 15
    for method, path in routes:
        token = bearer(keys.token()) if path.startswith("/api/") else {}
        answer = site.signed_in().open(path, method=method, headers=OWN_PAGE | token)
        assert (answer.status_code, answer.headers["X-Error-Code"]) == (403, "not_in_group"), (method, path)


def test_every_route_of_the_api_is_closed_without_a_token(site: Site) -> None:
    routes = [(method, path) for method, path in _closed(site) if path.startswith("/api/")]
    assert len(routes) >= 4
    for method, path in routes:
        answer = site.signed_in().open(path, method=method)
        assert answer.status_code == 401, (method, path)
    assert site.edocs.requests == []
