"""Access is denied by default, and no view runs before the person is authorised."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.identity.sessions import SESSION_COOKIE, start_session
from tests.viewer.conftest import OUTSIDER, PUBLIC_URL, WORKER, Site
from viewer.web.access_control import PUBLIC_ENDPOINTS

PAGE = "/documents/edocs/77?person=123&request=journey-0001"
SCRIPT = {"Sec-Fetch-Dest": "empty", "Accept": "application/json"}
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
_VALUES = {
    "source": "edocs",
    "document_id": "77",
    "ticket": "x",
    "token": "x",
    "filename": "x",
    "version": "x",
}


def _closed_routes(site: Site) -> list[tuple[str, str]]:
    """Every method and path of the app except public ones."""
    adapter = site.viewer.app.url_map.bind("documents.council.test")
    return [
        (method, adapter.build(rule.endpoint, _VALUES, method=method))
        for rule in site.viewer.app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC_ENDPOINTS
        for method in sorted(rule.methods or ())
    ]


@pytest.fixture
def views_run(site: Site) -> list[str]:
    """The endpoints whose views were called, public ones left out."""
    run: list[str] = []

    def watched(endpoint: str, view: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            run.append(endpoint)
            return view(*args, **kwargs)

        return call

    views = site.viewer.app.view_functions
    views.update({name: watched(name, view) for name, view in views.items() if name not in PUBLIC_ENDPOINTS})
    return run


def test_the_public_list_is_short_and_names_routes_that_exist(site: Site) -> None:
    assert {
        "static",
        "shared_pages.static",
        "shared_pages.theme",
        "shared_pages.logo",
        "sign_in.login",
        "sign_in.authorized",
        "access.signed_out",
        "api.openapi",
    } == PUBLIC_ENDPOINTS
    assert set(site.viewer.app.view_functions) >= PUBLIC_ENDPOINTS - {
        "shared_pages.logo",
        "api.openapi",
    }  # where they are set


def test_every_other_route_is_closed_to_whoever_has_not_signed_in(site: Site, views_run: list[str]) -> None:
    routes = _closed_routes(site)
    assert len(routes) >= 12
    for method, path in routes:
        page = site.visitor().open(path, method=method, headers=OWN_PAGE)
        if method in {"GET", "HEAD"}:
            assert page.status_code == 302, (method, path)
            assert urlsplit(page.location).path == "/sign-in", (method, path)
        else:
            assert page.status_code == 401, (method, path)
        script = site.visitor().open(path, method=method, headers=OWN_PAGE | SCRIPT)
        assert script.status_code == 401, (method, path)
    assert views_run == []
    assert site.groups.asked == 0
    assert site.edocs.requests == []


def test_every_other_route_is_closed_to_whoever_is_not_in_the_group(site: Site, views_run: list[str]) -> None:
    for method, path in _closed_routes(site):
        answer = site.signed_in(OUTSIDER).open(path, method=method, headers=OWN_PAGE)
        assert answer.status_code == 403, (method, path)
        assert answer.headers["X-Error-Code"] == "not_in_group"
    assert views_run == []
    assert site.edocs.requests == []


def test_every_other_route_is_closed_while_nobody_knows_the_group(site: Site, views_run: list[str]) -> None:
    site.groups.down = site.governance.down = site.administrators.down = True
    for method, path in _closed_routes(site):
        answer = site.signed_in().open(path, method=method, headers=OWN_PAGE)
        assert answer.status_code == 503, (method, path)
        assert answer.headers["X-Error-Code"] == "sign_in_unavailable"
        assert answer.headers["Retry-After"]
    assert views_run == []


def test_a_member_is_let_in(site: Site) -> None:
    assert site.signed_in().get(PAGE).status_code == 200


def test_a_refused_person_sees_who_they_are_and_may_use_another_account(site: Site) -> None:
    text = site.signed_in(OUTSIDER).get(PAGE).text
    assert OUTSIDER in text
    assert "/sign-in?another=1&amp;target=" in text


def test_a_denial_is_on_record(site: Site) -> None:
    site.signed_in(OUTSIDER).get(PAGE)
    (row,) = site.record()
    assert (row["email"], row["outcome"], row["code"]) == (OUTSIDER, "denied", "not_in_group")
    assert (row["source"], row["document_id"], row["person"]) == ("edocs", "77", "123")
    assert row["request_id"] == "journey-0001"


@pytest.mark.parametrize("path", ["/documents/edocs/" + "9" * 400, "/documents/" + "e" * 400 + "/1?person=x"])
def test_a_denial_with_odd_values_is_on_record_too(site: Site, path: str) -> None:
    assert site.signed_in(OUTSIDER).get(path).status_code == 403
    (row,) = site.record()
    assert (row["source"], row["document_id"], row["person"]) == (None, None, None)
    assert row["detail"] == path.partition("?")[0], "what was typed, since it names no document"


def test_a_denial_names_the_document_whatever_else_is_malformed(site: Site) -> None:
    assert site.signed_in(OUTSIDER).get("/documents/edocs/77?person=x&part=x").status_code == 403
    (row,) = site.record()
    assert (row["document_id"], row["person"], row["part"], row["detail"]) == ("77", None, None, None)


def test_the_whole_target_goes_along_to_the_sign_in(site: Site) -> None:
    answer = site.visitor().get(PAGE)
    (target,) = parse_qs(urlsplit(answer.location).query)["target"]
    assert target == PAGE
    assert answer.headers["Cache-Control"] == "no-store"


def _tampered(value: str) -> str:
    middle = len(value) // 3
    return value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]


@pytest.mark.parametrize("forge", [lambda _: "", lambda _: "e30.x.y", _tampered, lambda value: value[:-1]])
def test_a_forged_session_is_no_session(site: Site, forge: Callable[[str], str]) -> None:
    client = site.signed_in()
    cookie = client.get_cookie(SESSION_COOKIE, domain="documents.council.test")
    assert cookie
    client.set_cookie(SESSION_COOKIE, forge(cookie.value), domain="documents.council.test", secure=True)
    answer = client.get(PAGE)
    assert (answer.status_code, urlsplit(answer.location).path) == (302, "/sign-in")


def test_a_session_signed_with_another_key_is_no_session(make_site: Callable[..., Site]) -> None:
    cookie = make_site(secret_keys="x" * 40).signed_in().get_cookie(SESSION_COOKIE, "documents.council.test")
    assert cookie
    visitor = make_site(secret_keys="y" * 40).visitor()
    visitor.set_cookie(SESSION_COOKIE, cookie.value, domain="documents.council.test", secure=True)
    assert visitor.get(PAGE).status_code == 302


def test_a_session_signed_with_the_key_before_is_still_good(make_site: Callable[..., Site]) -> None:
    old, new = "o" * 40, "n" * 40
    cookie = make_site(secret_keys=old).signed_in().get_cookie(SESSION_COOKIE, "documents.council.test")
    assert cookie
    visitor = make_site(secret_keys=f"{new},{old}").visitor()
    visitor.set_cookie(SESSION_COOKIE, cookie.value, domain="documents.council.test", secure=True)
    assert visitor.get(PAGE).status_code == 200


class _Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.time()
        monkeypatch.setattr("shared.identity.sessions.time.time", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    return _Clock(monkeypatch)


def test_an_idle_session_ends(site: Site, clock: _Clock) -> None:
    client = site.signed_in()
    clock.now += site.settings.session_idle_minutes * 60 - 1
    assert client.get(PAGE).status_code == 200
    clock.now += site.settings.session_idle_minutes * 60 - 1
    assert client.get(PAGE).status_code == 200, "the request before counted"
    clock.now += site.settings.session_idle_minutes * 60 + 1
    assert client.get(PAGE).status_code == 302


def test_a_busy_session_ends_too_after_its_hours(site: Site, clock: _Clock) -> None:
    client, signed_in_at = site.signed_in(), clock.now
    while clock.now - signed_in_at < site.settings.session_hours * 3600 - 1200:
        clock.now += 1200
        assert client.get(PAGE).status_code == 200
    clock.now += 1201
    assert client.get(PAGE).status_code == 302


def test_the_session_cookie_is_for_this_host_and_no_script(site: Site, clock: _Clock) -> None:
    client = site.signed_in()
    clock.now += 120
    header = client.get(PAGE).headers["Set-Cookie"]
    value, *attributes = header.split("; ")
    assert value.startswith("__Host-session=")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


def test_the_demos_session_cookie_does_without_https(make_site: Callable[..., Site], clock: _Clock) -> None:
    """WebKit drops cookies that demand it on http://localhost; production refuses such an address."""
    client = make_site(public_url="http://localhost:8002").visitor()
    header = client.get("/sign-in", base_url="http://localhost:8002").headers["Set-Cookie"]
    assert header.startswith("sign-in-")
    assert "Secure" not in header
    assert client.application.config["SESSION_COOKIE_NAME"] == "session"
    assert client.application.config["SESSION_COOKIE_SECURE"] is False


def test_signing_in_leaves_nothing_of_an_earlier_session() -> None:
    session: dict[str, Any] = {"email": "other@council.test", "planted": "x", "since": 1, "seen": 1}
    start_session(session, WORKER)
    assert set(session) == {"email", "since", "seen"}
    assert session["email"] == WORKER
    assert session["since"] == session["seen"] > 1


def test_signing_out_ends_the_session_and_empties_the_cache(site: Site) -> None:
    client = site.signed_in()
    answer = client.post("/sign-out", headers=OWN_PAGE)
    assert (answer.status_code, answer.location) == (303, "/signed-out")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert client.get(PAGE).status_code == 302
    assert client.get("/signed-out").status_code == 200


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": PUBLIC_URL}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC_URL}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL}, False),
        ({"Origin": "https://evil.test"}, False),
        ({"Origin": "http://documents.council.test"}, False),
        ({"Origin": PUBLIC_URL + ".evil.test"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_only_our_own_pages_change_anything(
    site: Site,
    headers: dict[str, str],
    allowed: bool,  # noqa: FBT001 - a table's column
) -> None:
    client = site.signed_in()
    answer = client.post("/sign-out", headers=headers)
    assert answer.status_code == (303 if allowed else 403)
    assert (client.get(PAGE).status_code == 302) is allowed
