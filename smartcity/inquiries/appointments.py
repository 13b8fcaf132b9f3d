"""An agreed time, and the calendar file that tells of it: one event for each request, by its UID and SEQUENCE."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from smartcity.inquiries.days import KREFELD

Method = Literal["REQUEST", "CANCEL"]
_IN_ADDRESSES = "@.+-_~'!$*"
SHORTEST, LONGEST = 5, 480


@dataclass(frozen=True)
class Appointment:
    """A time on Krefeld's clock."""

    start: datetime
    minutes: int
    place: str = ""
    confirmed: bool = False
    """Otherwise it is proposed."""

    def __post_init__(self) -> None:
        if self.start.tzinfo is not None or not SHORTEST <= self.minutes <= LONGEST:
            raise ValueError("An appointment has a local time and lasts 5 to 480 minutes.")

    @property
    def end(self) -> datetime:
        """On the clock, across a change of the hour too."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def ends(self) -> int:
        """The end in milliseconds since 1970."""
        return int(self.end.replace(tzinfo=KREFELD).timestamp() * 1000)

    def as_dict(self) -> dict[str, Any]:
        return {
            "start": self.start.isoformat(timespec="minutes"),
            "minutes": self.minutes,
            "place": self.place,
            "confirmed": self.confirmed,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Appointment:
        return cls(**{**values, "start": datetime.fromisoformat(values["start"])})


_SUMMARY = {"de": "Termin mit dem Büro Smart City ({})", "en": "Appointment with the Smart City office ({})"}


def calendar(appointment: Appointment, row: Any, method: Method, office: str, citizen: str, made: datetime) -> str:
    """The .ics; `row` is the request, whose `sequence` counts the changes. It holds nothing that the citizen typed."""
    from icalendar import Calendar, Event, vCalAddress, vText  # slow to import, and no turn of a conversation needs it

    event = Event()
    event.add("uid", row.uid)
    event.add("sequence", row.sequence)
    event.add("dtstamp", made)
    event.add("dtstart", appointment.start.replace(tzinfo=KREFELD))
    event.add("dtend", appointment.end.replace(tzinfo=KREFELD))
    event.add("summary", _SUMMARY.get(row.language, _SUMMARY["de"]).format(row.reference))
    if appointment.place:
        event.add("location", appointment.place)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED" if appointment.confirmed else "TENTATIVE")
    if office:
        organizer = vCalAddress(f"mailto:{office}")
        organizer.params["cn"] = vText("Smart City Krefeld")
        event.add("organizer", organizer, encode=False)
    # A URI: '?' and '&' would begin fields of a mail.
    attendee = vCalAddress(f"mailto:{quote(citizen, safe=_IN_ADDRESSES)}")
    attendee.params["partstat"] = vText("ACCEPTED" if appointment.confirmed else "NEEDS-ACTION")
    event.add("attendee", attendee, encode=False)
    whole = Calendar()
    whole.add("prodid", "-//Smart City Krefeld//Assistant//DE")
    whole.add("version", "2.0")
    whole.add("method", method)
    whole.add_component(event)
    whole.add_missing_timezones()
    return str(whole.to_ical().decode("utf-8"))
