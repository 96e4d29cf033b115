"""The Flask extension: closes every route of a service but a visible list, and adds sign-in and sign-out.

docs/reuse-sign-in.md shows a whole service that uses it.
"""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from shared.actor import Actor
from shared.identity.attempts import Observer
from shared.identity.council import Council
from shared.identity.google import Google
from shared.identity.groups import GoogleGroups, ListedGroups, RememberedGroups
from shared.identity.people import Groups, Person, Provider, Revocations
from shared.identity.sessions import living_session, sign_sessions
from shared.identity.settings import IdentitySettings
from shared.problems import CrossSiteRequest, NotInGroup, SignedOut, TokenMissing, TokenRefused

ALWAYS_PUBLIC = frozenset({"sign_in.login", "sign_in.authorized", "access.signed_out"})
"""What nobody could sign in without."""
API = "/api/"
"""Below this path callers are programs: they bring a bearer token each time, and cookies count for nothing.

Everywhere else it is the other way round. So no page can be opened with a token, and no cookie can be made to
call the API from another site.
"""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SIGNED_OUT = '<!doctype html><html lang="en"><title>Signed out</title><h1>You have signed out</h1></html>'

Admit = Callable[[Person], None]
"""Decides whether a person may do what the request asks; raises when not."""


def provider_of(
    settings: IdentitySettings, observe: Observer, revocations: Revocations | None = None
) -> Provider:
    """The way of signing in that the settings name."""
    if settings.identity_provider == "council":
        return Council(settings, observe, revocations)
    return Google(settings, observe)


def groups_of(
    settings: IdentitySettings, observe: Observer = lambda _: None, group: str | None = None
) -> Groups:
    """Who is in a group, asked the provider's way, with the memory that the settings allow.

    Args:
        settings: checked.
        observe: told how each question to the directory ended.
        group: its address (google) or its display name (council); the group that may come in unless given.
    """
    if settings.identity_provider == "council":
        return ListedGroups(group or settings.council_group)
    assert settings.google_service_account_file  # noqa: S101 - the settings insist on it with google
    google = GoogleGroups(
        settings.google_directory_url,
        group or settings.google_group,
        settings.google_service_account_file,
        settings.google_directory_admin,
        settings.google_timeout_seconds,
        observe,
    )
    return RememberedGroups(google, settings.membership_seconds)


def members_only(groups: Groups) -> Admit:
    """Admit whoever is in the group, to everything."""

    def admit(person: Person) -> None:
        if not groups.is_member(person):
            raise NotInGroup

    return admit


class Identity:
    """Default deny for one app."""

    def __init__(
        self,
        settings: IdentitySettings,
        *,
        observe: Observer = lambda _: None,
        revocations: Revocations | None = None,
        signed_out_page: Callable[[], str] = lambda: _SIGNED_OUT,
    ) -> None:
        """Prepare.

        Args:
            settings: checked.
            observe: told how each sign-in ended.
            revocations: shared by all replicas; without it nobody can sign out everywhere.
            signed_out_page: what people read after signing out, as HTML.
        """
        self._settings = settings
        self._revocations = revocations
        self._provider = provider_of(settings, observe, revocations)
        self._signed_out_page = signed_out_page
        self._public: frozenset[str] = ALWAYS_PUBLIC
        self._admit: Admit = lambda _: None

    def init_app(self, app: Flask, admit: Admit, public: frozenset[str] = ALWAYS_PUBLIC) -> None:
        """Close every route of the app, the ones that come later too.

        Args:
            app: whose.
            admit: asked about each signed-in person and request.
            public: endpoints open to everybody.
        """
        self._admit, self._public = admit, public
        sign_sessions(app, self._settings.keys)
        app.register_blueprint(self._sign_out_routes())
        app.register_blueprint(self._provider.blueprint)
        app.before_request(self._check)

    @property
    def person(self) -> Person:
        """Who makes the current request; there on every route that is not public."""
        return cast("Person", g.person)

    @property
    def actor(self) -> Actor:
        """The same person as records name them; there on every route that is not public."""
        return cast("Actor", g.actor)

    def _check(self) -> ResponseReturnValue | None:
        for_programs = request.path.startswith(API)
        if not for_programs:
            self._refuse_cross_site()
        if request.endpoint is None or request.endpoint in self._public:
            return None
        person = self._of_token() if for_programs else self._of_session()
        if person is None:
            return _ask_to_sign_in()
        g.person = person
        reference = g.get("request_id", "-")  # of `shared.request_logging`, where the service uses that
        g.actor = Actor(person.email, request.remote_addr or "", reference)
        self._admit(person)
        return None

    def _refuse_cross_site(self) -> None:
        """What changes something comes from our own pages only."""
        if request.method in _SAFE_METHODS:
            return
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        if site not in {None, "same-origin"} or (site is None and origin != self._settings.public_url):
            raise CrossSiteRequest

    def _of_session(self) -> Person | None:
        living = living_session(self._settings)
        if living is None or self._is_revoked(*living):
            return None
        return self._provider.current(*living)

    def _of_token(self) -> Person:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenMissing
        person = self._provider.bearer(token.strip())
        if self._is_revoked(person.email, person.proved_at):
            raise TokenRefused("revoked")
        return person

    def _is_revoked(self, email: str, since: float) -> bool:
        return self._revocations is not None and since <= self._revocations.valid_from(email)

    def _sign_out_routes(self) -> Blueprint:
        blueprint = Blueprint("access", __name__)
        blueprint.add_url_rule("/sign-out", "sign_out", self._sign_out, methods=["POST"])
        blueprint.add_url_rule("/signed-out", "signed_out", self._signed_out)
        if self._revocations:
            path = "/sign-out-everywhere"
            blueprint.add_url_rule(path, "sign_out_everywhere", self._sign_out_everywhere, methods=["POST"])
        return blueprint

    def _sign_out(self) -> ResponseReturnValue:
        session.clear()
        response = redirect(url_for("access.signed_out"), 303)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def _sign_out_everywhere(self) -> ResponseReturnValue:
        """On this device at once, on all others within seconds."""
        assert self._revocations  # noqa: S101 - else there is no such route
        self._revocations.revoke(self.person.email, self.actor)
        return self._sign_out()

    def _signed_out(self) -> Response:
        return Response(self._signed_out_page())


def _ask_to_sign_in() -> ResponseReturnValue:
    """A page goes to sign in and comes back here; a script is told plainly."""
    if (
        request.method not in {"GET", "HEAD"}
        or request.headers.get("Sec-Fetch-Dest", "document") != "document"
    ):
        raise SignedOut
    if (
        "text/html" not in request.headers.get("Accept", "text/html")
        and "*/*" not in request.headers["Accept"]
    ):
        raise SignedOut
    target = request.full_path.rstrip("?")
    return redirect(url_for("sign_in.login") + "?" + urlencode({"target": target}), 302)
