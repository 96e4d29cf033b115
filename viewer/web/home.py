"""The front page, which shows people without a document link what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from shared.identity.people import Groups


@dataclass(frozen=True, slots=True)
class _Home:
    """The view and what it uses; built once by `home_blueprint`."""

    groups: Mapping[str, Groups]

    def page(self) -> ResponseReturnValue:
        """Show how to open documents, and link to the pages of the groups that the person is in."""
        mine = {name for name, group in self.groups.items() if group.is_member(g.person)}
        return render_template("home.html", mine=mine)


def home_blueprint(groups: Mapping[str, Groups]) -> Blueprint:
    """The route.

    Args:
        groups: the groups by the names in `access_control.py`.
    """
    blueprint = Blueprint("home", __name__)
    blueprint.add_url_rule("/", "page", _Home(groups).page)
    return blueprint
