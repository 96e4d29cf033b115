"""Bearer tokens, valid ones of Google and the council, and forged ones."""

import base64
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from tests.viewer.stub_server import Exchange

SECRET = "the-secret-of-the-councils-services-0123456789"
GROUP = "Document readers"
AUDIENCE = "program.apps.test"
COUNCIL_SETTINGS = {
    "identity_provider": "council",
    "council_login_url": "https://auth.council.test/auth",
    "council_token_secret": SECRET,
    "council_group": GROUP,
    "api": True,
}


def council_claims(**changes: Any) -> dict[str, Any]:
    """The claims of the council's token; a change to None removes a claim."""
    claims = {
        "sub": "117",
        "email": "worker@council.test",
        "iss": "Hackney",
        "name": "Willa Worker",
        "groups": ["All staff", GROUP],
        "iat": int(time.time()),
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def council_token(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    """A token of the council's login."""
    return jwt.PyJWS().encode(json.dumps(council_claims(**changes)).encode(), secret, algorithm=algorithm)


class Keys:
    """Two RSA keys, of which one is published as Google publishes its keys."""

    def __init__(self) -> None:
        self.published, self.other = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        self.status = 200
        self.asked = 0

    def answer(self, exchange: Exchange) -> None:
        """Respond with the JWKS document."""
        self.asked += 1
        key = RSAAlgorithm.to_jwk(self.published.public_key(), as_dict=True)
        keys = {"keys": [key | {"kid": "one", "alg": "RS256", "use": "sig"}]}
        exchange.reply(json.dumps(keys).encode(), self.status, Content_Type="application/json")

    @property
    def public_pem(self) -> str:
        """The published key as PEM, which an attacker also has."""
        key = self.published.public_key()
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def token(
        self, key: Any = None, algorithm: str = "RS256", headers: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """A Google ID token for a program; a change to None removes a claim."""
        now = int(time.time())
        claims = {
            "iss": "https://accounts.google.com",
            "aud": AUDIENCE,
            "sub": "117",
            "email": "worker@council.test",
            "email_verified": True,
            "hd": "council.test",
            "iat": now,
            "exp": now + 3600,
        }
        kept = {name: value for name, value in (claims | changes).items() if value is not None}
        # not jwt.encode, which refuses to sign some of the claims that an attacker would
        body, named = json.dumps(kept).encode(), {"kid": "one"} | (headers or {})
        return jwt.PyJWS().encode(body, key or self.published, algorithm, headers=named)


def raw_token(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token that libraries refuse to make."""
    parts = json.dumps(header).encode(), json.dumps(claims).encode(), signature
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
