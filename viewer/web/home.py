"""The front page, for whoever comes without a document: what they may do here."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from shared.identity.people import Groups


@dataclass(frozen=True, slots=True)
class _Home:
    """The view's tools; built once by `home_blueprint`."""

    groups: Mapping[str, Groups]

    def page(self) -> ResponseReturnValue:
        """How to open documents, and the pages of governance and administrators, to those who may."""
        mine = {name for name, group in self.groups.items() if group.is_member(g.person)}
        return render_template("home.html", mine=mine)


def home_blueprint(groups: Mapping[str, Groups]) -> Blueprint:
    """The route.

    Args:
        groups: by the names in `access.py`.
    """
    blueprint = Blueprint("home", __name__)
    blueprint.add_url_rule("/", "page", _Home(groups).page)
    return blueprint
