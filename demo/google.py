"""A stand-in for Google: `gunicorn 'demo.google:create_app()'`, one worker, since its state is in memory.

Sign-in is `oidc-provider-mock`, a real OpenID provider, with pages of our own; its form posts `sub`, the
person's address. Beside it the Directory API (see `demo.directory`).
Environment: SERVICE_ACCOUNT_FILE, as `demo.keys` makes it.
"""

import os
import warnings
from pathlib import Path

from flask import Flask, Response, request
from jinja2 import ChoiceLoader, PackageLoader

from demo.control import Faults, RequestRecord, control_blueprint
from demo.directory import ServiceAccount, directory_blueprint
from demo.people import PEOPLE, Groups

with warnings.catch_warnings():
    # it imports modules that its own libraries deprecate
    warnings.simplefilter("ignore")
    import oidc_provider_mock

_PARTS = {"/oauth2/": "sign_in", "/userinfo": "sign_in", "/token": "token", "/admin/": "directory"}
"""The part to which each path belongs, as the key of faults and recorded requests."""


def create_app() -> Flask:
    """The stand-in; the environment holds the path of the service account's key file."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain http, on loopback only
    app = Flask(__name__, static_folder=None)
    faults, record = Faults(), RequestRecord()
    _break_on_demand(app, faults, record)
    _add_sign_in(app)
    account = ServiceAccount(Path(os.environ["SERVICE_ACCOUNT_FILE"]))
    app.register_blueprint(directory_blueprint(account, Groups()))
    app.register_blueprint(control_blueprint(faults, record))
    return app


def _add_sign_in(app: Flask) -> None:
    own_pages = app.jinja_loader
    assert own_pages is not None  # noqa: S101 - Flask made it from the templates folder
    app.jinja_env.loader = ChoiceLoader([own_pages, PackageLoader("oidc_provider_mock")])
    app.jinja_env.globals["people"] = {person.email: person for person in PEOPLE}
    without_debugger = app.wsgi_app
    users = [oidc_provider_mock.User(sub=person.email, claims=person.claims) for person in PEOPLE]
    oidc_provider_mock.init_app(app, user_claims=users)
    # it turns on a debugger that would run any visitor's Python
    app.debug = False
    app.wsgi_app = without_debugger  # type: ignore[method-assign]  # as Flask documents it


def _break_on_demand(app: Flask, faults: Faults, record: RequestRecord) -> None:
    @app.before_request
    def _break() -> Response | None:
        part = _part()
        fault = faults.apply(part) if part else None
        return Response("out of order, on demand", fault.status) if fault and fault.status else None

    @app.after_request
    def _record(response: Response) -> Response:
        if part := _part():
            record.add(part, response.status_code)
        return response


def _part() -> str | None:
    return next((part for path, part in _PARTS.items() if request.path.startswith(path)), None)
