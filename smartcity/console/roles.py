"""Who may do what: four roles, each of which may do what the ones before it may."""

from __future__ import annotations

from smartcity.console.tables import ROLES

NO_ROLE = ""
"""Of an account that came by OpenID Connect and that no admin has given a role yet."""

_RANKS = {NO_ROLE: 0, **{role: rank for rank, role in enumerate(ROLES, 1)}}


def may(role: str, needed: str) -> bool:
    """Whether somebody with `role` may do what `needed` may. A role that is none may nothing."""
    return _RANKS.get(role, 0) >= _RANKS[needed]
