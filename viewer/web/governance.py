"""The pages of the governance group: searching the audit, taking it as CSV, unusual volume."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from viewer.audit import Outcome
from viewer.audit.search import COUNTED, Filter, Page, Search, Volume, WrongFilter, read_filter
from viewer.audit.spreadsheet import csv_lines
from viewer.web.request import actor

_USUAL_PERIOD = timedelta(days=7)
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class _Governance:
    """The views' tools; built once by `governance_blueprint`."""

    search: Search
    unusual: int

    def entries(self) -> ResponseReturnValue:
        """The form, and a page of what was found once somebody searched."""
        wanted, problems = _typed(request.args)
        asked = "search" in request.args and not problems
        page = self.search.page(wanted, actor(), _before()) if asked else None
        status = 400 if problems else 200
        return render_template("audit.html", **_shown(wanted, problems, page)), status

    def export(self) -> ResponseReturnValue:
        """Everything that fits, as a CSV file; a form's answer, so that no other site can ask for it."""
        wanted, problems = _typed(request.form)
        if problems:
            return render_template("audit.html", **_shown(wanted, problems, None)), 400
        rows = self.search.export(wanted, actor())
        response = Response(csv_lines(rows), content_type="text/csv; charset=utf-8")
        name = f"audit-{datetime.now(UTC):%Y-%m-%d-%H%M}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def volume(self) -> ResponseReturnValue:
        """Who opened unusually many documents within an hour, in a period; a week unless another is given."""
        today = datetime.now(UTC).date()
        usual = {"since": (today - _USUAL_PERIOD).isoformat(), "until": today.isoformat()}
        wanted, problems = _typed(usual | request.args.to_dict())
        found: list[Volume] = []
        if not problems and self.unusual:
            since, until = wanted.since or date.min, wanted.until or today
            found = self.search.volume(since, until, self.unusual, actor())
        typed = _again(wanted, problems)
        page = render_template("volume.html", typed=typed, problems=problems, least=self.unusual, found=found)
        return page, 400 if problems else 200


def governance_blueprint(search: Search, unusual: int) -> Blueprint:
    """The routes; `access.py` lists which group they are for.

    Args:
        search: on record by itself.
        unusual: so many views within an hour are; 0 for none.
    """
    views = _Governance(search, unusual)
    blueprint = Blueprint("governance", __name__)
    blueprint.add_url_rule("/governance/audit", "entries", views.entries)
    blueprint.add_url_rule("/governance/audit.csv", "export", views.export, methods=["POST"])
    blueprint.add_url_rule("/governance/volume", "volume", views.volume)
    return blueprint


def _typed(values: Mapping[str, str]) -> tuple[Filter, dict[str, str]]:
    """The filter, and what is wrong with it by field."""
    try:
        return read_filter(values), {}
    except WrongFilter as error:
        return Filter(), error.problems


def _before() -> int | None:
    """The number that the link to older entries holds."""
    untrusted = request.args.get("before", "")
    return int(untrusted) if untrusted.isdecimal() and len(untrusted) <= _LONGEST_NUMBER else None


def _again(wanted: Filter, problems: Mapping[str, str]) -> dict[str, str]:
    """What the form shows: as it was understood, or as it was typed where it was not."""
    if problems:
        return {name: request.values.get(name, "") for name in asdict(wanted)}
    return {name: "" if value is None else str(value) for name, value in asdict(wanted).items()}


def _shown(wanted: Filter, problems: Mapping[str, str], page: Page | None) -> dict[str, object]:
    return {
        "typed": _again(wanted, problems),
        "query": {name: value for name, value in _again(wanted, problems).items() if value},
        "problems": problems,
        "outcomes": list(Outcome),
        "page": page,
        "counted": COUNTED,
        "further": "before" in request.args,
    }
