"""The administrators' page, with which they set and lift blocks and end sessions."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from viewer.access.blocks import (
    MAX_REASON_LENGTH,
    AlreadyBlocked,
    BlockKind,
    Blocks,
    NoSuchBlock,
    NotBlockable,
    Subject,
)
from viewer.access.revocations import SharedRevocations
from viewer.web.request import actor

_FIELDS = ("kind", "source", "value", "reason", "email")
_DONE = {
    "set": "The block is in force.",
    "lifted": "The block has been lifted.",
    "revoked": "They are signed out everywhere within two seconds.",
}


@dataclass(frozen=True, slots=True)
class _Administration:
    """The views and what they use; built once by `administration_blueprint`."""

    blocks: Blocks
    revocations: SharedRevocations

    def page(self) -> ResponseReturnValue:
        """Show the active blocks, the form for a new one, and earlier blocks."""
        return self._page()

    def set_block(self) -> ResponseReturnValue:
        """Set the block that the form describes, from the next request on."""
        try:
            self.blocks.set(_subject(request.form), request.form.get("reason", ""), actor())
        except NotBlockable as error:
            return self._page({error.field: str(error)}), 400
        except AlreadyBlocked:
            return self._page({"value": "This is blocked already"}), 409
        return redirect(url_for("administration.blocks", done="set"), 303)

    def lift_block(self) -> ResponseReturnValue:
        """Lift the block that the form names, from the next request on."""
        try:
            self.blocks.lift(_subject(request.form), request.form.get("reason", ""), actor())
        except NotBlockable as error:
            return self._page({"in-force": str(error)}), 400
        except NoSuchBlock:
            return self._page({"in-force": "This block was lifted already"}), 409
        return redirect(url_for("administration.blocks", done="lifted"), 303)

    def revoke_sessions(self) -> ResponseReturnValue:
        """End every session of the member of staff that the form names."""
        try:
            member = Subject(BlockKind.STAFF, request.form.get("email", "").strip().lower())
        except NotBlockable as error:
            return self._page({"email": str(error)}), 400
        self.revocations.revoke(member.value, actor())
        return redirect(url_for("administration.blocks", done="revoked"), 303)

    def _page(self, problems: Mapping[str, str] | None = None) -> str:
        history = self.blocks.history()
        return render_template(
            "blocks.html",
            in_force=[block for block in history if block.lifted_at is None],
            lifted=[block for block in history if block.lifted_at is not None],
            kinds=list(BlockKind),
            typed=_form_values(problems or {}),
            problems=problems or {},
            done=_DONE.get(request.args.get("done", "")),
            max_reason_length=MAX_REASON_LENGTH,
        )


def administration_blueprint(blocks: Blocks, revocations: SharedRevocations) -> Blueprint:
    """The routes; `access_control.py` lists the group of each."""
    views = _Administration(blocks, revocations)
    blueprint = Blueprint("administration", __name__)
    blueprint.add_url_rule("/administration/blocks", "blocks", views.page)
    blueprint.add_url_rule("/administration/blocks", "set_block", views.set_block, methods=["POST"])
    blueprint.add_url_rule("/administration/blocks/lift", "lift_block", views.lift_block, methods=["POST"])
    path = "/administration/sessions/revoke"
    blueprint.add_url_rule(path, "revoke_sessions", views.revoke_sessions, methods=["POST"])
    return blueprint


def _subject(untrusted: Mapping[str, str]) -> Subject:
    """The subject that the form names.

    Raises:
        NotBlockable: the form names nothing that can be blocked.
    """
    kind, value = untrusted.get("kind", ""), untrusted.get("value", "").strip()
    if kind not in set(BlockKind):
        raise NotBlockable("Choose what to block", "kind")
    source = untrusted.get("source", "").strip() if kind == BlockKind.DOCUMENT else ""
    return Subject(BlockKind(kind), value.lower() if kind == BlockKind.STAFF else value, source)


def _form_values(problems: Mapping[str, str]) -> dict[str, str]:
    """The values of the forms' fields: what was typed, where the form is shown again with a problem."""
    shown_again = not problems.keys().isdisjoint(_FIELDS)
    return {name: request.form.get(name, "") if shown_again else "" for name in _FIELDS}
