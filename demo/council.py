"""A stand-in for the council's own login: `gunicorn 'demo.council:create_app()'`.

`GET /auth?redirect_uri=…` shows the people; choosing one sets the cookie `hackneyToken` and goes back there.
The real one signs people in with Google first; that it makes a new token each time is a guess. The cookie is
this host's own, which on localhost is the viewer's host too. Environment: COUNCIL_TOKEN_SECRET.
"""

import os
import time
from urllib.parse import urlsplit

import jwt
from flask import Flask, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from demo.people import PEOPLE, Person

COOKIE = "hackneyToken"
ISSUER = "Hackney"
_HOSTS = frozenset({"localhost", "127.0.0.1"})
"""The hosts to which it redirects, since the demo is on loopback."""


def token_of(person: Person, secret: str) -> str:
    """A token as the council's login makes it."""
    claims = {
        "sub": str(100 + PEOPLE.index(person)),
        "email": person.email,
        "iss": ISSUER,
        "name": person.name,
        "groups": list(person.display_groups),
        "iat": int(time.time()),
    }
    return jwt.encode(claims, secret, algorithm="HS256")


def create_app() -> Flask:
    """The stand-in; the environment holds the secret that the council's services share."""
    app = Flask(__name__, static_folder=None)
    secret = os.environ["COUNCIL_TOKEN_SECRET"]
    people = {person.email: person for person in PEOPLE}

    @app.get("/auth")
    def _choose() -> str:
        return render_template("council_login.html", people=PEOPLE)

    @app.post("/auth")
    def _enter() -> ResponseReturnValue:
        back, person = request.args.get("redirect_uri", ""), people.get(request.form.get("sub", ""))
        if urlsplit(back).hostname not in _HOSTS or person is None:
            return Response("no such person, or not a service of the council", 400)
        response = redirect(back, 302)
        response.set_cookie(COOKIE, token_of(person, secret), httponly=True, samesite="Lax")
        return response

    @app.get("/logout")
    def _leave() -> ResponseReturnValue:
        response = Response("You are signed out everywhere at the council.")
        response.delete_cookie(COOKIE)
        return response

    return app
