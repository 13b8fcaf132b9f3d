"""Parameters in the address of a request."""

from __future__ import annotations

from starlette.requests import Request

from smartcity.gateway.errors import GatewayError


def read_query(request: Request, names: tuple[str, ...]) -> dict[str, str]:
    """The parameters of the address. Raises GatewayError for one that is unknown or comes twice."""
    given = request.query_params.multi_items()
    if len({name for name, _ in given}) < len(given) or not {name for name, _ in given} <= set(names):
        raise GatewayError("bad_query", known=", ".join(names))
    return dict(given)
