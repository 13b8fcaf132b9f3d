"""Citizens with details that a search over files can find."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from smartcity.inquiries.appointments import Appointment
from smartcity.inquiries.days import next_working
from smartcity.inquiries.wishes import Wish

OFFICE = "smartcity@office.example"
SOON = next_working(date.today() + timedelta(3))

ERNA: dict[str, Any] = {
    "kind": "appointment",
    "subject": "Sensoren im Stadtwald\nund Zwetschgenbäume",
    "wishes": [Wish(SOON, part="morning"), Wish()],
    "manner": "in_person",
    "name": "Erna Grünspecht",
    "email": "erna.gruenspecht@buerger.example",
    "telephone": "02151 861085",
    "language": "de",
    "channel": "web",
    "excerpt": "Bürgerin: Was misst der Quittensensor?",
}
TRACES = ("Zwetschgen", "Grünspecht", "gruenspecht", "861085", "Quittensensor", "Stadtwald")
"""Words that stand in nothing but Erna's request."""


def another(number: int, **more: Any) -> dict[str, Any]:
    """The message of somebody else."""
    return {
        "kind": "message",
        "subject": f"Idee {number}",
        "name": f"Person {'abcdefghij'[number % 10]}",
        "email": f"person{number}@buerger.example",
        "language": "de",
        "channel": "web",
        **more,
    }


def at(hour: int, minutes: int = 30, place: str = "Rathaus, Zimmer B 138", day: date = SOON) -> Appointment:
    return Appointment(datetime.combine(day, time(hour)), minutes, place)
