"""The governance group's pages: searching the audit, exporting it as CSV, and unusual volume."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from viewer.audit import Outcome
from viewer.audit.search import COUNT_LIMIT, Filter, InvalidFilter, Page, Search, Volume, parse_filter
from viewer.audit.spreadsheet import csv_lines
from viewer.web.request import actor

_USUAL_PERIOD = timedelta(days=7)
_MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class _Governance:
    """The views and what they use; built once by `governance_blueprint`."""

    search: Search
    unusual: int

    def entries(self) -> ResponseReturnValue:
        """The search form, and a page of matching entries after a search."""
        criteria, problems = _parse_form(request.args)
        asked = "search" in request.args and not problems
        page = self.search.page(criteria, actor(), _before()) if asked else None
        status = 400 if problems else 200
        return render_template("audit.html", **_page_context(criteria, problems, page)), status

    def export(self) -> ResponseReturnValue:
        """Every matching entry as a CSV file; by POST, so that no other site can request it."""
        criteria, problems = _parse_form(request.form)
        if problems:
            return render_template("audit.html", **_page_context(criteria, problems, None)), 400
        rows = self.search.export(criteria, actor())
        response = Response(csv_lines(rows), content_type="text/csv; charset=utf-8")
        name = f"audit-{datetime.now(UTC):%Y-%m-%d-%H%M}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def volume(self) -> ResponseReturnValue:
        """Staff with unusual volume in a period, which is the last week by default."""
        today = datetime.now(UTC).date()
        usual = {"since": (today - _USUAL_PERIOD).isoformat(), "until": today.isoformat()}
        criteria, problems = _parse_form(usual | request.args.to_dict())
        found: list[Volume] = []
        if not problems and self.unusual:
            since, until = criteria.since or date.min, criteria.until or today
            found = self.search.volume(since, until, self.unusual, actor())
        typed = _form_values(criteria, problems)
        page = render_template("volume.html", typed=typed, problems=problems, least=self.unusual, found=found)
        return page, 400 if problems else 200


def governance_blueprint(search: Search, unusual: int) -> Blueprint:
    """The routes; `access_control.py` lists the group of each.

    Args:
        search: searches the record, and records each search.
        unusual: the number of views within an hour that is unusual; 0 for none.
    """
    views = _Governance(search, unusual)
    blueprint = Blueprint("governance", __name__)
    blueprint.add_url_rule("/governance/audit", "entries", views.entries)
    blueprint.add_url_rule("/governance/audit.csv", "export", views.export, methods=["POST"])
    blueprint.add_url_rule("/governance/volume", "volume", views.volume)
    return blueprint


def _parse_form(values: Mapping[str, str]) -> tuple[Filter, dict[str, str]]:
    """The filter of a form, and the problem of each invalid field."""
    try:
        return parse_filter(values), {}
    except InvalidFilter as error:
        return Filter(), error.problems


def _before() -> int | None:
    """The entry number in the link to older entries; None where it is missing or malformed."""
    untrusted = request.args.get("before", "")
    return int(untrusted) if untrusted.isdecimal() and len(untrusted) <= _MAX_DIGITS else None


def _form_values(criteria: Filter, problems: Mapping[str, str]) -> dict[str, str]:
    """The values of the form's fields: as understood, or as typed where a field is invalid."""
    if problems:
        return {name: request.values.get(name, "") for name in asdict(criteria)}
    return {name: "" if value is None else str(value) for name, value in asdict(criteria).items()}


def _page_context(criteria: Filter, problems: Mapping[str, str], page: Page | None) -> dict[str, object]:
    return {
        "typed": _form_values(criteria, problems),
        "query": {name: value for name, value in _form_values(criteria, problems).items() if value},
        "problems": problems,
        "outcomes": list(Outcome),
        "page": page,
        "counted": COUNT_LIMIT,
        "further": "before" in request.args,
    }
