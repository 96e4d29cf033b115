"""The governance and administration pages are for their groups only, recorded, and without scripts."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from shared.identity import Person
from shared.identity.groups import EmptyGroup
from tests.viewer import samples
from tests.viewer.audit.conftest import ENTRY, entry, write_old
from tests.viewer.conftest import ADMINISTRATOR, OFFICER, OUTSIDER, PUBLIC_URL, WORKER, Site
from viewer.web.access_control import ADMINISTRATORS, GOVERNANCE, GROUPS_OF, STAFF

AUDIT, CSV, VOLUME = "/governance/audit", "/governance/audit.csv", "/governance/volume"
BLOCKS, LIFT = "/administration/blocks", "/administration/blocks/lift"
REVOKE = "/administration/sessions/revoke"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
ROUTES = [
    *[("GET", AUDIT, GOVERNANCE), ("POST", CSV, GOVERNANCE), ("GET", VOLUME, GOVERNANCE)],
    *[("GET", BLOCKS, ADMINISTRATORS), ("POST", BLOCKS, ADMINISTRATORS), ("POST", LIFT, ADMINISTRATORS)],
    ("POST", REVOKE, ADMINISTRATORS),
]
MEMBERS = {STAFF: WORKER, GOVERNANCE: OFFICER, ADMINISTRATORS: ADMINISTRATOR}


@pytest.fixture
def officer(site: Site) -> FlaskClient:
    return site.signed_in(OFFICER)


@pytest.fixture
def administrator(site: Site) -> FlaskClient:
    return site.signed_in(ADMINISTRATOR)


def test_the_list_names_every_route_that_is_not_for_readers(site: Site) -> None:
    """A new page of governance or administration that is not on the list fails here."""
    special = {
        rule.endpoint
        for rule in site.viewer.app.url_map.iter_rules()
        if rule.rule.startswith(("/governance", "/administration"))
    }
    of_everybody = {"home.page", "access.sign_out", "access.sign_out_everywhere"}
    assert special == set(GROUPS_OF) - of_everybody
    for endpoint, groups in GROUPS_OF.items():
        blueprint = endpoint.split(".")[0]
        expected = {"governance": (GOVERNANCE,), "administration": (ADMINISTRATORS,)}.get(blueprint)
        assert groups == (expected or (STAFF, GOVERNANCE, ADMINISTRATORS))


@pytest.mark.parametrize(("method", "path", "group"), ROUTES)
@pytest.mark.parametrize("email", [WORKER, OFFICER, ADMINISTRATOR, OUTSIDER])
def test_each_page_is_for_its_group_alone(site: Site, method: str, path: str, group: str, email: str) -> None:
    answer = site.signed_in(email).open(path, method=method, headers=OWN_PAGE)
    if MEMBERS[group] == email:
        assert answer.status_code in {200, 400}
        return
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (403, "not_in_group")
    row = site.record()[-1]
    assert (row["email"], row["outcome"], row["detail"]) == (email, "denied", path)


@pytest.mark.parametrize("email", [OFFICER, ADMINISTRATOR])
def test_who_governs_sees_no_documents_but_can_sign_out(site: Site, email: str) -> None:
    site.fake_edocs.put("77", "77.pdf", samples.pdf())
    client = site.signed_in(email)
    for path in ("/documents/edocs/77", "/documents/edocs/77/rendition"):
        assert client.get(path).status_code == 403
    assert site.edocs.requests == []
    assert client.post("/sign-out", headers=OWN_PAGE).status_code == 303


@pytest.mark.parametrize(
    ("email", "led_to"),
    [(WORKER, set()), (OFFICER, {AUDIT, VOLUME}), (ADMINISTRATOR, {BLOCKS, f"{BLOCKS}#sign-out"})],
)
def test_the_front_page_leads_people_to_what_they_may_do(site: Site, email: str, led_to: set[str]) -> None:
    page = site.signed_in(email).get("/")
    assert page.status_code == 200
    assert set(re.findall(r'href="(/(?:governance|administration)[^"]*)"', page.text)) == led_to
    assert ("Display document" in page.text) is (email == WORKER)


def test_who_is_in_several_groups_finds_it_all_on_the_front_page(site: Site) -> None:
    for group in (site.groups, site.governance, site.administrators):
        group.members.add(OUTSIDER)
    text = site.signed_in(OUTSIDER).get("/").text
    assert all(told in text for told in ("Display document", AUDIT, BLOCKS))


def test_where_no_group_is_set_nobody_gets_in() -> None:
    assert not EmptyGroup().is_member(Person(OFFICER))


@pytest.mark.parametrize(("method", "path"), [("POST", path) for path in (CSV, BLOCKS, LIFT, REVOKE)])
@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.test"}, {}],
)
def test_no_other_site_can_use_governance_or_administration(
    site: Site, method: str, path: str, headers: dict[str, str]
) -> None:
    site.viewer.audit.check()
    for email in (OFFICER, ADMINISTRATOR):
        form = {"kind": "person", "value": "123", "reason": "x", "email": WORKER}
        answer = site.signed_in(email).open(path, method=method, headers=headers, data=form)
        assert answer.status_code == 403
    assert site.record() == []


def rows_on(page: str) -> list[str]:
    return re.findall(r'<tr class="govuk-table__row">\s*<td.*?</tr>', page, re.DOTALL)


def test_the_form_alone_shows_nobody_and_leaves_no_entry(site: Site, officer: FlaskClient) -> None:
    site.viewer.audit.record(ENTRY)
    text = officer.get(AUDIT).text
    assert rows_on(text) == []
    assert [row["outcome"] for row in site.record()] == ["viewed"]


def test_a_search_shows_who_saw_what(site: Site, officer: FlaskClient) -> None:
    site.fake_edocs.put("77", "77.pdf", samples.pdf())
    site.signed_in().get("/documents/edocs/77/rendition?person=123&request=journey-0001")
    site.viewer.audit.record(replace(ENTRY, person="9", document_id="78", part="2"))
    (shown,) = rows_on(officer.get(f"{AUDIT}?search=1&person=123").text)
    for told in (WORKER, "edocs", "77", "123", "viewed", "journey-0001", site.record()[0]["sha256"][:12]):
        assert told in shown
    row = site.record()[-1]
    assert (row["email"], row["outcome"], row["detail"]) == (OFFICER, "searched", "person=123")


def test_the_pages_of_a_search_follow_each_other(site: Site, officer: FlaskClient) -> None:
    write_old(site.viewer.audit, 120, days_ago=1)
    address: str | None = f"{AUDIT}?" + urlencode({"search": 1, "outcome": "viewed", "source": ""})
    seen = 0
    while address:
        text = officer.get(address).text
        assert "120 entries" in text
        seen += len(rows_on(text))
        found = re.search(r'href="([^"]*)">Older entries', text)
        address = found[1].replace("&amp;", "&") if found else None
    assert seen == 120


@pytest.mark.parametrize("before", ["x", "-1", "1" * 30, ""])
def test_a_made_up_page_is_the_first(site: Site, officer: FlaskClient, before: str) -> None:
    site.viewer.audit.record(ENTRY)
    assert len(rows_on(officer.get(f"{AUDIT}?search=1&person=123&before={before}").text)) == 1


def test_what_cannot_be_searched_for_is_said_at_its_field(site: Site, officer: FlaskClient) -> None:
    answer = officer.get(f"{AUDIT}?search=1&since=yesterday&person=123")
    assert answer.status_code == 400
    assert 'href="#since"' in answer.text
    assert 'value="yesterday"' in answer.text
    assert 'value="123"' in answer.text
    assert site.record() == []


def test_what_people_typed_is_text_on_the_page(site: Site, officer: FlaskClient) -> None:
    site.viewer.audit.record(entry("<b>@council.test", detail="<script>alert(1)</script>"))
    text = officer.get(f"{AUDIT}?search=1&person=%3Ci%3E").text + officer.get(f"{AUDIT}?search=1").text
    assert "<script>alert" not in text
    assert "<b>@" not in text
    assert "<i>" not in text


def test_the_csv_is_a_file_of_exactly_what_was_searched_for(site: Site, officer: FlaskClient) -> None:
    write_old(site.viewer.audit, 1200, days_ago=1)
    write_old(site.viewer.audit, 3, days_ago=1, person="124")
    answer = officer.post(CSV, data={"person": "123"}, headers=OWN_PAGE)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="audit-[\d-]+\.csv"', answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(lines) == 1200
    assert {line["person"] for line in lines} == {"123"}
    row = site.record()[-1]
    assert (row["email"], row["outcome"], row["detail"]) == (OFFICER, "exported", "person=123")
    assert officer.post(CSV, data={"since": "x"}, headers=OWN_PAGE).status_code == 400


def test_unusual_volume_is_shown_with_a_way_to_the_entries(make_site: Callable[..., Site]) -> None:
    site = make_site(unusual_views_per_hour=20)
    write_old(site.viewer.audit, 80, days_ago=2, email="busy@council.test")
    write_old(site.viewer.audit, 15, days_ago=2, email="quiet@council.test")
    (shown,) = rows_on(site.signed_in(OFFICER).get(VOLUME).text)
    assert "busy@council.test" in shown
    assert "email=busy@council.test" in shown
    assert site.signed_in(OFFICER).get(f"{VOLUME}?since=x").status_code == 400


def test_unusual_volume_counts_and_is_on_record_while_people_view(make_site: Callable[..., Site]) -> None:
    site = make_site(unusual_views_per_hour=3)
    site.fake_edocs.put("77", "77.pdf", samples.pdf())
    for _ in range(5):
        assert site.signed_in().get("/documents/edocs/77/rendition").status_code == 200
    assert site.counted("viewer_unusual_volume") == 1
    assert [row["outcome"] for row in site.record()].count("unusual") == 1


def test_a_block_is_set_and_lifted_on_the_page(site: Site, administrator: FlaskClient) -> None:
    site.fake_edocs.put("77", "77.pdf", samples.pdf())
    form = {"kind": "document", "source": "edocs", "value": " 77 ", "reason": "wrong <b>file</b>"}
    answer = administrator.post(BLOCKS, data=form, headers=OWN_PAGE)
    assert (answer.status_code, answer.location) == (303, f"{BLOCKS}?done=set")
    assert site.signed_in().get("/documents/edocs/77/rendition").status_code == 403
    text = administrator.get(answer.location).text
    assert "The block is in force." in text
    assert "wrong &lt;b&gt;file&lt;/b&gt;" in text
    again = {"kind": "document", "source": "edocs", "value": "77", "reason": "put right"}
    answer = administrator.post(LIFT, data=again, headers=OWN_PAGE)
    assert (answer.status_code, answer.location) == (303, f"{BLOCKS}?done=lifted")
    assert site.signed_in().get("/documents/edocs/77/rendition").status_code == 200
    acts = [(row["email"], row["outcome"]) for row in site.record() if row["email"] == ADMINISTRATOR]
    assert acts == [(ADMINISTRATOR, "block-set"), (ADMINISTRATOR, "block-lifted")]


def test_an_administrator_signs_somebody_out_everywhere(site: Site, administrator: FlaskClient) -> None:
    laptop, colleague = site.signed_in(), site.signed_in(OFFICER)
    answer = administrator.post(REVOKE, data={"email": f" {WORKER.title()} "}, headers=OWN_PAGE)
    assert (answer.status_code, answer.location) == (303, f"{BLOCKS}?done=revoked")
    assert "signed out everywhere" in administrator.get(answer.location).text
    assert laptop.get("/documents/edocs/77").status_code == 302
    assert colleague.get(AUDIT).status_code == 200, "it is about one person"
    row = site.record()[-1]
    assert (row["email"], row["outcome"], row["detail"]) == (ADMINISTRATOR, "revoked", f"staff {WORKER}")


@pytest.mark.parametrize("email", ["", "worker", "a b@council.test"])
def test_nobody_is_signed_out_by_what_is_no_address(
    site: Site, administrator: FlaskClient, email: str
) -> None:
    answer = administrator.post(REVOKE, data={"email": email}, headers=OWN_PAGE)
    assert answer.status_code == 400
    assert 'href="#email"' in answer.text
    assert site.record() == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"kind": "person", "value": "123", "reason": ""}, "reason"),
        ({"kind": "person", "value": "12x", "reason": "court order"}, "value"),
        ({"kind": "page", "value": "123", "reason": "court order"}, "kind"),
        ({"kind": "document", "value": "123", "reason": "court order"}, "source"),
        ({}, "kind"),
        ({"kind": "staff", "value": WORKER, "reason": "x" * 501}, "reason"),
    ],
)
def test_a_form_that_lacks_something_is_shown_again(
    site: Site, administrator: FlaskClient, form: dict[str, str], field: str
) -> None:
    answer = administrator.post(BLOCKS, data=form, headers=OWN_PAGE)
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert form.get("value", "") in answer.text
    assert site.record() == []


def test_blocking_twice_and_lifting_twice_are_said_plainly(site: Site, administrator: FlaskClient) -> None:
    form = {"kind": "person", "value": "123", "reason": "court order"}
    statuses = [
        administrator.post(path, data=form, headers=OWN_PAGE).status_code for path in (BLOCKS, BLOCKS)
    ]
    statuses += [administrator.post(path, data=form, headers=OWN_PAGE).status_code for path in (LIFT, LIFT)]
    assert statuses == [303, 409, 303, 409]
    assert administrator.post(LIFT, data=form | {"reason": ""}, headers=OWN_PAGE).status_code == 400


def test_the_pages_hold_no_script_and_no_style_of_their_own(officer: FlaskClient) -> None:
    text = officer.get(f"{AUDIT}?search=1").text
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text)
    assert PUBLIC_URL not in text
