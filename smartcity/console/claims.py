"""Roles from the city's directory: which role the groups of somebody's ID token give.

Only a claim of the token itself counts, whose signature is checked, and only values that are equal letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smartcity.console.roles import NO_ROLE
from smartcity.console.tables import ROLES
from smartcity.settings import SettingError, Settings


class RoleClaim:
    """The claim and what its values mean; false where the operator has set none. Raises SettingError."""

    def __init__(self, settings: Settings) -> None:
        self._claim: str = settings.oidc_role_claim
        self._roles: dict[str, str] = {}
        for role, value in settings.oidc_roles:
            if role not in ROLES:
                raise SettingError(f"SMARTCITY_OIDC_ROLES: '{role}' is no role. Roles are {', '.join(ROLES)}.")
            if self._roles.setdefault(value, role) != role:
                raise SettingError(f"SMARTCITY_OIDC_ROLES: '{value}' cannot give two roles.")
        if bool(self._claim) != bool(self._roles):
            raise SettingError("SMARTCITY_OIDC_ROLE_CLAIM and SMARTCITY_OIDC_ROLES: are needed together.")

    def __bool__(self) -> bool:
        return bool(self._roles)

    def gives(self, role: str) -> bool:
        """Whether any value gives this role."""
        return role in self._roles.values()

    def role(self, claims: Mapping[str, Any]) -> str:
        """The highest role that the claim gives; NO_ROLE where it gives none."""
        given = {self._roles[value] for value in _texts(self._value(claims)) if value in self._roles}
        return next((role for role in reversed(ROLES) if role in given), NO_ROLE)

    def _value(self, claims: Mapping[str, Any]) -> Any:
        """The claim of this very name, which may hold dots itself, or else the one at the end of the path."""
        if self._claim in claims:
            return claims[self._claim]
        value: Any = claims
        for name in self._claim.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


def _texts(value: Any) -> Iterator[str]:
    """A text is one value, a list holds many; anything else is none."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one
