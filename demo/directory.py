"""The part of Google's Directory API that the viewer uses, and the token endpoint for it.

The real habits: `hasMember` counts nested groups and answers 400 for an address outside the domain;
`members` knows direct members only and answers 404 for anyone else. Tokens are given for a JWT that the
service account signed, on behalf of the administrator.
"""

import json
import secrets
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from demo.people import ADMIN, DOMAIN, GROUP, Groups

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SCOPE = "https://www.googleapis.com/auth/admin.directory.group.member.readonly"
_TOKEN_SECONDS = 3600

GOOGLE_TOKEN_AUDIENCE = "https://oauth2.googleapis.com/token"


class ServiceAccount:
    """The service account as Google has it, and the access tokens that were issued."""

    def __init__(self, key_file: Path) -> None:
        """Read the account's name and public key.

        Args:
            key_file: as `demo.keys` makes it.
        """
        account = json.loads(key_file.read_text())
        self._public_key = load_pem_private_key(account["private_key"].encode(), None).public_key()
        self._email: str = account["client_email"]
        # google-auth always names Google's own endpoint, whatever the key's token_uri says
        self._audiences = [GOOGLE_TOKEN_AUDIENCE, account["token_uri"]]
        self._tokens: set[str] = set()

    def token_for(self, assertion: str) -> str:
        """Issue an access token for a valid assertion.

        Raises:
            jwt.InvalidTokenError: signature, issuer, audience, time, subject or scope is not right.
        """
        claims = jwt.decode(
            assertion,
            self._public_key,  # type: ignore[arg-type]  # the account's key is always RSA
            algorithms=["RS256"],
            audience=self._audiences,
            issuer=self._email,
            options={"require": ["iat", "exp", "sub", "scope"]},
        )
        if claims["sub"] != ADMIN or _SCOPE not in claims["scope"].split():
            raise jwt.InvalidTokenError("not delegated")
        if claims["exp"] - claims["iat"] > _TOKEN_SECONDS:
            raise jwt.InvalidTokenError("longer than an hour")
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        return token

    def knows(self, authorization: str) -> bool:
        """Whether the header has a token that was issued."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and token in self._tokens


def directory_blueprint(account: ServiceAccount, groups: Groups) -> Blueprint:
    """The endpoints under `/token` and `/admin/directory/v1`, and `/_members` for tests."""
    blueprint = Blueprint("directory", __name__)
    _add_token_endpoint(blueprint, account)
    _add_member_endpoints(blueprint, account, groups)
    _add_control_endpoints(blueprint, groups)
    return blueprint


def _add_token_endpoint(blueprint: Blueprint, account: ServiceAccount) -> None:
    @blueprint.post("/token")
    def _token() -> ResponseReturnValue:
        if request.form.get("grant_type") != _GRANT:
            return jsonify(error="unsupported_grant_type"), 400
        try:
            token = account.token_for(request.form.get("assertion", ""))
        except jwt.InvalidTokenError as error:
            return jsonify(error="invalid_grant", error_description=str(error)), 400
        return jsonify(access_token=token, expires_in=_TOKEN_SECONDS, token_type="Bearer")


def _add_member_endpoints(blueprint: Blueprint, account: ServiceAccount, groups: Groups) -> None:
    def refusal(group: str) -> Response | None:
        if not account.knows(request.headers.get("Authorization", "")):
            return _error(401, "Request had invalid authentication credentials.")
        return None if group in groups else _error(404, "Resource Not Found: groupKey")

    @blueprint.get("/admin/directory/v1/groups/<group>/hasMember/<email>")
    def _has_member(group: str, email: str) -> ResponseReturnValue:
        if refused := refusal(group):
            return refused
        if not email.endswith(f"@{DOMAIN}"):
            return _error(400, "Invalid Input: memberKey")
        return jsonify(isMember=groups.is_member(group, email))

    @blueprint.get("/admin/directory/v1/groups/<group>/members/<email>")
    def _member(group: str, email: str) -> ResponseReturnValue:
        if refused := refusal(group):
            return refused
        if not groups.is_direct_member(group, email):
            return _error(404, "Resource Not Found: memberKey")
        kind = "GROUP" if email in groups else "USER"
        return jsonify(kind="admin#directory#member", email=email, role="MEMBER", type=kind, status="ACTIVE")


def _add_control_endpoints(blueprint: Blueprint, groups: Groups) -> None:
    @blueprint.put("/_members/<email>")
    def _join(email: str) -> ResponseReturnValue:
        groups.members[GROUP].add(email)
        return "", 204

    @blueprint.delete("/_members/<email>")
    def _leave(email: str) -> ResponseReturnValue:
        groups.members[GROUP].discard(email)
        return "", 204


def _error(status: int, message: str) -> Response:
    response = jsonify(error={"code": status, "message": message, "errors": [{"message": message}]})
    response.status_code = status
    return response
