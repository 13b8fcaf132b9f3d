"""A stand-in for an OpenID Connect issuer: a real HTTP server that signs what the test tells it to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT = "console"
SECRET = "client-secret-of-the-console"

KEY = RSAKey.generate_key(2048, {"kid": "one"}, private=True, auto_kid=False)
OTHER = RSAKey.generate_key(2048, {"kid": "one"}, private=True, auto_kid=False)
CURVE = ECKey.generate_key("P-256", {"kid": "two"}, private=True, auto_kid=False)


class Issuer:
    """Issues codes at /authorize and tokens at /token; attributes say what is wrong with them."""

    def __init__(self) -> None:
        self.address = ""
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._description),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )
        self.reset()

    def reset(self) -> None:
        self.claims: dict[str, Any] = {"sub": "17", "preferred_username": "Jo.Winter", "name": "Jo Winter"}
        """Claims besides those that every token has; None takes one of those away."""
        self.description: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.kid: str | None = "one"
        self.published: list[Any] = [KEY, CURVE]
        self.token_status = 200
        self.id_token: Any = ...
        """What stands in place of the ID token."""
        self.given: dict[str, dict[str, str]] = {}
        """What was asked for with each code."""
        self.authenticated: list[str] = []

    async def _description(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                **self.description,
            }
        )

    async def _keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.published]})

    async def _authorize(self, request: Request) -> Response:
        """As if somebody had signed in there: back with a code."""
        asked = dict(request.query_params)
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split() and asked["code_challenge_method"] == "S256"
        code = f"code{len(self.given)}"
        self.given[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        self.authenticated.append(request.headers.get("authorization", ""))
        asked = self.given.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = _text(digest)
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if self.token_status != 200:
            return JSONResponse({"error": "server_error"}, self.token_status)
        body = {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": self.signed(asked["nonce"])}
        if self.id_token is not ...:
            body["id_token"] = self.id_token
        return JSONResponse({name: value for name, value in body.items() if value is not None})

    def signed(self, nonce: str) -> str:
        """The ID token for this nonce."""
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": nonce, **self.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm} | ({"kid": self.kid} if self.kid else {})
        if self.algorithm in ("none", "HS256"):
            # By hand: the library refuses to forge.
            start = f"{_text(_json(header))}.{_text(_json(claims))}"
            secret = KEY.as_pem(private=False)
            signature = hmac.digest(secret, start.encode(), "sha256") if self.algorithm == "HS256" else b""
            return f"{start}.{_text(signature)}"
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
