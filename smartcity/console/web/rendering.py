"""Templates: everything escaped, no text of a row can break a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from smartcity.console import clock
from smartcity.console.web.markdown import link, markdown
from smartcity.console.web.navigation import Entry

if TYPE_CHECKING:
    from smartcity.console.web.page import Visit

FOLDER = Path(__file__).parent / "templates"
_UNSHOWN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "\N{REPLACEMENT CHARACTER}")


class Templates:
    def __init__(self, navigation: Sequence[Entry]) -> None:
        self._navigation = sorted(navigation, key=lambda entry: entry.order)
        self.environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_showable,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.filters.update(
            markdown=markdown,
            linked=lambda title, address: link(title or address, address) if address else title,
            iso=lambda moment: clock.in_krefeld(moment).isoformat(timespec="seconds") if _is_time(moment) else "",
            percent=lambda share: f"{share * 100:.0f} %" if _is_number(share) else share,
        )

    def response(
        self,
        request: Request,
        visit: Visit,
        template: str,
        status: int,
        message: str | None,
        context: Mapping[str, object],
    ) -> Response:
        """The page as HTML; besides the context its template knows what every page needs."""
        shared: dict[str, Any] = {
            "visit": visit,
            "t": visit.t,
            "message": message,
            "navigation": [entry for entry in self._navigation if visit.may(entry.role)],
            "path": request.url.path,
            "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "moment": lambda moment: clock.shown(moment, visit.language) if _is_time(moment) else moment,
        }
        html = self.environment.get_template(template).render({**shared, **context})
        return HTMLResponse(html.encode("utf-8", "replace"), status)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _is_time(value: object) -> bool:
    """Whether a stored value is a time: SQLite takes anything in any column."""
    return isinstance(value, int)


def _showable(value: object) -> object:
    """Nothing for None, and a sign in place of control characters and of halves of surrogate pairs."""
    if value is None:
        return ""
    if isinstance(value, str):
        value = value.translate(_UNSHOWN)
        if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            kept = "".join("\N{REPLACEMENT CHARACTER}" if "\ud800" <= sign <= "\udfff" else sign for sign in value)
            return type(value)(kept)
    return value
