"""A whole service with the council's sign-in: `gunicorn 'notices:create_app()'` (docs/reuse-sign-in.md)."""

from flask import Flask, Response

from shared.identity import Identity, IdentitySettings, Problem, groups_of, members_only


def create_app() -> Flask:
    """A page that only members of the group see; everything else is closed."""
    settings = IdentitySettings.load()
    app = Flask(__name__)
    identity = Identity(settings)
    identity.init_app(app, members_only(groups_of(settings)))

    @app.get("/")
    def _home() -> str:
        return f"Good morning, {identity.person.email}"

    @app.get("/api/notices")
    def _notices() -> dict[str, str]:
        return {"for": identity.person.email}

    @app.errorhandler(Problem)
    def _not_let_in(problem: Problem) -> Response:
        return Response(f"{problem.code}\n", problem.status, content_type="text/plain")

    return app
