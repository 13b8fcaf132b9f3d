"""Figures: what happened in a period, each number with the way to its conversations, as files and as a report."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console.figures.charts import bar, bars
from smartcity.console.figures.counting import FILTERS, Count, Figures, count, days_of, month_of
from smartcity.console.figures.likeness import Group, unanswered
from smartcity.console.figures.period import UNITS, Bucket, Period
from smartcity.console.figures.sheets import CSV_TYPE, XLSX_TYPE, Sheet, as_csv, as_xlsx
from smartcity.console.tables import OUTCOMES
from smartcity.console.web.navigation import Entry
from smartcity.console.web.page import Visit, page, redirect, render
from smartcity.console.web.project import name_of
from smartcity.console.web.texts import Texts

KEPT_SECONDS = 60
"""How long figures of a period are shown again without being counted anew."""
_KEPT = 32
TABLES = ("totals", "steps", "hours", "themes", "initiatives", "channels", "languages", "questions")
LISTS = ("themes", "initiatives", "channels", "languages")
_COLUMNS = {"themes": "theme", "initiatives": "initiative", "channels": "channel", "languages": "language"}


class Cache:
    """Figures of the latest periods asked for: several people look at the same page in the morning."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, tuple[float, Any]] = OrderedDict()

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        with self._lock:
            found = self._kept.get(key)
        if found and time.monotonic() - found[0] < KEPT_SECONDS:
            return found[1]
        value = make()
        with self._lock:
            self._kept[key] = (time.monotonic(), value)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return value


@page(role="reader")
def figures(request: Request, visit: Visit) -> Response:
    period, filters = _asked(request)
    found = _figures(request, visit, period, filters)
    groups = _groups(request, visit, period, filters)
    visit.audit("figures.read", None, first=period.first.isoformat(), last=period.last.isoformat())
    to = _Links(period, filters)
    return render(
        request,
        "figures.html",
        figures=found,
        period=period,
        filters=filters,
        names=FILTERS,
        units=UNITS,
        choices=found.choices,
        groups=groups,
        to=to,
        tiles=_tiles(found, visit.t, to),
        lists=[(name, _COLUMNS[name], getattr(found, name)) for name in LISTS],
        named=_named(request, visit),
        outcomes=OUTCOMES,
        steps_chart=_steps_chart(found, visit.t),
        hours_chart=_hours_chart(found, visit.t),
        bar=bar,
        label=lambda bucket: _label(bucket, period.unit, visit.t),
        month=month_of(period.last),
        query=urlencode(_fields(period, filters)),
        tables=TABLES,
    )


@page(role="reader")
def file(request: Request, visit: Visit) -> Response:
    """One table as CSV, or all of them as a workbook."""
    period, filters = _asked(request)
    kind, table = request.path_params["kind"], request.query_params.get("table", "")
    if kind not in ("csv", "xlsx") or (kind == "csv" and table not in TABLES):
        raise HTTPException(404)
    wanted = TABLES if kind == "xlsx" else (table,)
    found = _figures(request, visit, period, filters)
    # Only who wants the questions pays for them.
    groups = _groups(request, visit, period, filters) if "questions" in wanted else []
    sheets = [_sheet(name, found, groups, visit.t) for name in wanted]
    visit.audit(
        f"export.{kind}",
        "figures",
        tables=list(wanted),
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        **filters,
    )
    name = f"{table if kind == 'csv' else 'figures'}-{period.first}-{period.last}.{kind}"
    body = as_csv(sheets[0]) if kind == "csv" else as_xlsx(sheets)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=CSV_TYPE if kind == "csv" else XLSX_TYPE, headers=headers)


@page(role="reader")
def report(request: Request, visit: Visit) -> Response:
    """A month on paper, beside the month before."""
    text = request.query_params.get("month", "")
    period = Period.month(text)
    if text != month_of(period.first):
        return redirect(request, f"/figures/report?month={month_of(period.first)}")
    found = _figures(request, visit, period, {})
    before = _figures(request, visit, period.before(), {})
    visit.audit("figures.report", None, month=text)
    to = _Links(period, {})
    return render(
        request,
        "report.html",
        figures=found,
        period=period,
        before=before,
        tiles=_tiles(found, visit.t, to),
        before_tiles={name: value for name, _, value, _ in _tiles(before, visit.t, to)},
        lists=[(name, _COLUMNS[name], getattr(found, name)[:10]) for name in LISTS],
        named=_named(request, visit),
        groups=_groups(request, visit, period, {})[:10],
        to=to,
        steps_chart=_steps_chart(found, visit.t),
        hours_chart=_hours_chart(found, visit.t),
        label=lambda bucket: _label(bucket, period.unit, visit.t),
        previous=month_of(period.before().first),
        following=month_of(period.last + dt.timedelta(days=1)),
    )


def _named(request: Request, visit: Visit) -> Callable[[str, str], str]:
    """What stands in a list for a value of its column."""
    return lambda column, value: name_of(request, column, value, visit.language)


class _Links:
    """Addresses of the search for the conversations behind a number."""

    def __init__(self, period: Period, filters: Mapping[str, str]) -> None:
        self._fields = {
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            **{name: value for name, value in filters.items() if value},
        }

    def __call__(self, **fields: object) -> str:
        return "/search?" + urlencode({**self._fields, **{name: str(value) for name, value in fields.items()}})

    def bucket(self, bucket: Bucket, **fields: object) -> str:
        return self(**{**days_of(bucket), **fields})


def _asked(request: Request) -> tuple[Period, dict[str, str]]:
    query = request.query_params
    period = Period.of(query.get("from", "")[:10], query.get("to", "")[:10], query.get("unit", ""))
    return period, {name: value[:200] for name in FILTERS if (value := query.get(name, "").replace("\0", "").strip())}


def _fields(period: Period, filters: Mapping[str, str]) -> dict[str, str]:
    return {"from": str(period.first), "to": str(period.last), "unit": period.unit, **filters}


def _cache(request: Request) -> Cache:
    state = request.app.state
    if not hasattr(state, "figures"):
        state.figures = Cache()
    found: Cache = state.figures
    return found


def _figures(request: Request, visit: Visit, period: Period, filters: Mapping[str, str]) -> Figures:
    def make() -> Figures:
        return count(visit.engine, period, filters)

    found: Figures = _cache(request).get(("figures", period, tuple(sorted(filters.items()))), make)
    return found


def _groups(request: Request, visit: Visit, period: Period, filters: Mapping[str, str]) -> list[Group]:
    # Not kept: a text that somebody deletes must not come back from memory.
    with visit.engine.connect() as connection:
        return unanswered(connection, period, filters)


def _tiles(found: Figures, t: Texts, to: _Links) -> list[tuple[str, str, str, str]]:
    """(name, text, value, address) of the figures at the top."""
    return [
        (name, t(f"figures.{name}"), value, address)
        for name, value, address in (
            ("conversations", _number(found.conversations), to()),
            ("turns", _number(found.turns), to()),
            ("answered", _percent(found.share("answered")), to(outcome="answered")),
            ("unknown", _percent(found.share("unknown")), to(outcome="unknown")),
            ("not_understood", _percent(found.share("not_understood")), to(outcome="not_understood")),
            ("handed_over", _percent(found.share("handed_over")), to(outcome="handed_over")),
            ("satisfaction", _percent(found.satisfaction), to(feedback="up")),
            ("rating", "–" if found.rating is None else f"{found.rating:.1f}".replace(".", t("figures.point")), to()),
            ("median", _milliseconds(found.median), to()),
            ("p95", _milliseconds(found.p95), to()),
        )
    ]


def _steps_chart(found: Figures, t: Texts) -> Markup:
    data = [
        (
            _label(step.bucket, found.period.unit, t, short=True),
            (step.outcomes["answered"], step.turns - step.outcomes["answered"]),
        )
        for step in found.steps
    ]
    highest = max(found.steps, key=lambda step: step.turns, default=None)
    description = (
        t("figures.steps_description", number=highest.turns, when=_label(highest.bucket, found.period.unit, t))
        if highest and highest.turns
        else t("figures.nothing")
    )
    return bars("steps", t("figures.steps"), description, data)


def _hours_chart(found: Figures, t: Texts) -> Markup:
    data = [(str(hour), (number,)) for hour, number in enumerate(found.hours)]
    highest = max(range(24), key=lambda hour: found.hours[hour])
    description = (
        t("figures.hours_description", number=found.hours[highest], hour=highest)
        if found.hours[highest]
        else t("figures.nothing")
    )
    return bars("hours", t("figures.hours"), description, data)


def _sheet(name: str, found: Figures, groups: Sequence[Group], t: Texts) -> Sheet:
    title = t(f"figures.{name}")
    count_head = [t("figures.conversations"), t("figures.turns"), t("outcome.answered")]
    if name == "totals":
        rows: list[list[Any]] = [[t("figures.conversations"), found.conversations], [t("figures.turns"), found.turns]]
        rows += [[t(f"outcome.{outcome}"), number] for outcome, number in found.outcomes.items()]
        rows += [
            [t("feedback.up"), found.up],
            [t("feedback.down"), found.down],
            [t("figures.ratings"), found.ratings],
            [t("figures.rating"), found.rating],
            [t("figures.median"), found.median],
            [t("figures.p95"), found.p95],
        ]
        return Sheet(title, [t("figures.figure"), t("figures.value")], rows)
    if name == "steps":
        head = [t("search.from"), t("search.to"), *count_head[:2], *(t(f"outcome.{outcome}") for outcome in OUTCOMES)]
        return Sheet(
            title,
            head,
            [
                [step.bucket.first, step.bucket.last, step.conversations, step.turns, *step.outcomes.values()]
                for step in found.steps
            ],
        )
    if name == "hours":
        return Sheet(title, [t("figures.hour"), t("figures.turns")], list(enumerate(found.hours)))
    if name == "questions":
        rows = [
            [number, group.times, one.text, one.times, t.named("outcome", one.outcome)]
            for number, group in enumerate(groups, 1)
            for one in group.questions
        ]
        head = [
            t("figures.group"),
            t("figures.group_times"),
            t("figures.question"),
            t("figures.times"),
            t("search.outcome"),
        ]
        return Sheet(title, head, rows)
    counts: Sequence[Count] = getattr(found, name)
    return Sheet(
        title, [title, *count_head], [[one.value, one.conversations, one.turns, one.answered] for one in counts]
    )


def _label(bucket: Bucket, unit: str, t: Texts, short: bool = False) -> str:
    day = "{:%d.%m.}" if t.language == "de" else "{:%d %b}"
    if unit == "month":
        return f"{bucket.first:%m/%Y}"
    if unit == "week" and not short:
        return f"{day.format(bucket.first)} – {day.format(bucket.last)}"
    return day.format(bucket.first)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f} %"


def _milliseconds(value: int | None) -> str:
    return "–" if value is None else f"{_number(value)} ms"


ROUTES = [
    Route("/figures", figures, methods=["GET"]),
    Route("/figures/report", report, methods=["GET"]),
    Route("/figures/file.{kind}", file, methods=["GET"]),
]
NAVIGATION = (Entry("/figures", "figures.title", "reader", 50),)
