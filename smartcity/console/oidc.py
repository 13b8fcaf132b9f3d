"""Sign-in by OpenID Connect: authorization code with PKCE, state and nonce, the ID token checked.

Only issuer and subject tell who somebody is; names and addresses in the token are shown, never believed. What somebody
may is told by a claim, where the operator has named one: claims.py.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from smartcity.console import clock
from smartcity.console.claims import RoleClaim
from smartcity.settings import SettingError, Settings

SCOPE = "openid profile email"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key of the issuer alone: never 'none', never one that the client's secret makes."""
TIMEOUT = 10
LEEWAY = 60
"""Seconds by which clocks may differ."""
FRESH = 60 * 60 * 1000
"""How long the issuer's own description is believed."""
LONGEST_SUBJECT = 512


class OidcError(Exception):
    """The issuer did not vouch for anybody; the message says why, for the log and for nobody else."""


@dataclass(frozen=True)
class Person:
    """Whom the issuer vouches for."""

    subject: str
    name: str
    shown: str
    role: str | None = None
    """By the role's claim; NO_ROLE where it gives none, None where there is no such claim."""


class Provider:
    def __init__(self, settings: Settings) -> None:
        self.issuer: str = settings.oidc_issuer
        self._client: str = settings.oidc_client
        self._secret: str = settings.oidc_secret
        self.roles = RoleClaim(settings)
        self._described: tuple[int, Mapping[str, Any]] | None = None
        if self.issuer and not self._client:
            raise SettingError("SMARTCITY_OIDC_CLIENT: is needed with SMARTCITY_OIDC_ISSUER.")
        if self.issuer and not _is_private(self.issuer):
            raise SettingError("SMARTCITY_OIDC_ISSUER: must be an https address, or one of this machine.")

    def begin(self, back: str) -> tuple[str, dict[str, str]]:
        """The issuer's address to go to, and what must come back. Raises OidcError."""
        agreed = {
            "state": secrets.token_urlsafe(32),
            "nonce": secrets.token_urlsafe(32),
            "verifier": secrets.token_urlsafe(64),
        }
        with self._session(back) as session:
            address, _ = session.create_authorization_url(
                self._description()["authorization_endpoint"],
                state=agreed["state"],
                nonce=agreed["nonce"],
                code_verifier=agreed["verifier"],
            )
        return address, agreed

    def finish(self, back: str, answer: Mapping[str, str], agreed: Mapping[str, str]) -> Person:
        """Whom the issuer vouches for, by what it sent back. Raises OidcError."""
        if not hmac.compare_digest(answer.get("state", "").encode(), agreed["state"].encode()):
            raise OidcError("the state is another")
        if answer.get("iss", self.issuer) != self.issuer:
            raise OidcError("the answer comes from another issuer")
        if "error" in answer or not answer.get("code"):
            raise OidcError("the issuer refuses")
        try:
            with self._session(back) as session:
                tokens = session.fetch_token(
                    self._description()["token_endpoint"],
                    code=answer["code"],
                    code_verifier=agreed["verifier"],
                    timeout=TIMEOUT,
                    allow_redirects=False,
                )
        except (AuthlibBaseError, RequestException, ValueError, KeyError) as error:
            raise OidcError(f"the code is not taken ({type(error).__name__})") from None
        return self._person(self._claims(tokens.get("id_token"), agreed["nonce"]))

    def _claims(self, token: object, nonce: str) -> Mapping[str, Any]:
        if not isinstance(token, str):
            raise OidcError("there is no ID token")
        wanted = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, self._keys(), ALGORITHMS).claims
            wanted.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise OidcError(f"the ID token is not right ({type(error).__name__})") from None
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self._client:
            raise OidcError("the ID token is for somebody else, too")
        return claims

    def _person(self, claims: Mapping[str, Any]) -> Person:
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject or not subject.isprintable():
            raise OidcError("the subject is no text")
        whole = f"{self.issuer} {subject}"
        if len(whole) > LONGEST_SUBJECT:
            raise OidcError("the subject is too long")
        name = str(claims.get("preferred_username") or claims.get("email") or "")[:64]
        role = self.roles.role(claims) if self.roles else None
        return Person(whole, name, str(claims.get("name") or name)[:128], role)

    def _description(self) -> Mapping[str, Any]:
        if self._described and self._described[0] > clock.now() - FRESH:
            return self._described[1]
        described = self._get(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if described.get("issuer") != self.issuer:
            raise OidcError("the issuer calls itself otherwise")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(described.get(name), str) or not _is_private(described[name]):
                raise OidcError(f"the issuer's {name} is no https address")
        self._described = (clock.now(), described)
        return described

    def _keys(self) -> KeySet:
        """The issuer's keys of this moment: they are asked for at each sign-in, so a new one counts at once."""
        return KeySet.import_key_set(self._get(self._description()["jwks_uri"]))  # type: ignore[arg-type]

    def _get(self, address: str) -> dict[str, Any]:
        try:
            with OAuth2Session() as session:
                answer = session.get(address, timeout=TIMEOUT, allow_redirects=False, withhold_token=True)
            if answer.status_code != 200:
                raise OidcError(f"the issuer answers {answer.status_code}")
            value = answer.json()
        except (RequestException, ValueError) as error:
            raise OidcError(f"the issuer cannot be reached ({type(error).__name__})") from None
        if not isinstance(value, dict):
            raise OidcError("the issuer's answer is no object")
        return value

    def _session(self, back: str) -> OAuth2Session:
        return OAuth2Session(
            self._client,
            self._secret or None,
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
        )


def _is_private(address: str) -> bool:
    """Whether nobody on the way can read along: https, or this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
