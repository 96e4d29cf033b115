"""A whole service with the council's sign-in: `gunicorn 'notices:create_app()'` (docs/reuse-sign-in.md)."""

from flask import Flask, Response

from shared.identity import Identity, IdentityError, IdentitySettings, groups_of, members_only


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

    @app.errorhandler(IdentityError)
    def _not_let_in(error: IdentityError) -> Response:
        return Response(f"{error.code}\n", error.status, content_type="text/plain")

    return app
