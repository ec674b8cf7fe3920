"""Timestamps as the platforms write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from grader.errors import UsageError
from grader.language import say

TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(.*)")
OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?")

# Hours east of Greenwich, of the names that only one zone has.
ABBREVIATIONS = {
    **{"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MET": 1},
    **{
        "MEST": 2,
        "EET": 2,
        "EEST": 3,
        "MSK": 3,
        "SAST": 2,
        "JST": 9,
        "KST": 9,
        "EST": -5,
        "EDT": -4,
    },
    **{"MST": -7, "MDT": -6, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "AEST": 10, "AEDT": 11},
    **{"NZST": 12, "NZDT": 13},
}
# Names of several zones: CST is the time of Chicago, of Shanghai and of Havana, PST also of Manila, BST
# of London and of Dhaka, IST of India, of Israel and of Ireland.
SHARED = ("BST", "CDT", "CST", "IST", "PST")


class SharedName(tzinfo):
    """A zone of which only the name is known, which several zones have. `placed` asks the course."""

    def __init__(self, name: str) -> None:
        self.name = name

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        """Not known."""
        return None

    def dst(self, when: datetime | None) -> timedelta | None:
        """Not known."""
        return None

    def tzname(self, when: datetime | None) -> str:
        """The name."""
        return self.name


def placed(when: datetime, zone: tzinfo) -> datetime:
    """A time in UTC: one without a zone, or in a zone of which only the name is known, is in `zone`. Where
    clocks there show it twice, it is the earlier one.

    Raises `UsageError` if clocks in `zone` never show that name.
    """
    if when.utcoffset() is not None:
        return when.astimezone(UTC)
    readings = [when.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    name = when.tzname()
    fitting = [one.astimezone(UTC) for one in readings if name in (None, one.tzname())]
    if not fitting:
        raise UsageError(
            say(
                "the times are in {name}, which is the time of several countries, but not of {zone}: "
                'say which in course.toml, under [late], such as timezone = "America/Chicago"',
                name=name,
                zone=zone,
            )
        )
    return min(fitting)


def parse_time(value: object) -> datetime | None:
    """A timestamp, in UTC; one without a zone is in UTC already. None if it is not a timestamp.

    A zone whose name several have is left to `placed`.

    The zone may be an offset, a usual abbreviation, or a place such as `America/New_York`; where clocks
    there show a time twice, it is the earlier one. The year stands first: `11.10.2026` would be read as
    October or November, by whoever guesses.

    >>> str(parse_time("2026-10-25 02:30:00 Europe/Berlin"))
    '2026-10-25 00:30:00+00:00'
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    match = TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    day, clock, zone = match.groups()
    try:
        if zone.upper() in SHARED:
            return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SharedName(zone.upper()))
        return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=_zone(zone)).astimezone(UTC)
    except (ValueError, KeyError, OSError, OverflowError):
        return None


def _zone(name: str) -> tzinfo:
    """Raises what `ZoneInfo` raises for an unknown name."""
    if not name:
        return UTC
    if offset := OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        east = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(east if sign == "+" else -east)
    if name.upper() in ABBREVIATIONS:
        return timezone(timedelta(hours=ABBREVIATIONS[name.upper()]))
    return ZoneInfo(name)
