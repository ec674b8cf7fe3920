"""Timestamps as the platforms write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(.*)")
OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?")

# Hours east of Greenwich. North America's as in e-mail (RFC 5322); of the rest only those that are
# not ambiguous: IST is the time of India, of Israel and of Ireland.
ABBREVIATIONS = {
    **{"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2},
    **{"MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "SAST": 2, "JST": 9, "KST": 9},
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
    **{"AKST": -9, "AKDT": -8, "HST": -10, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13},
}


def parse_time(value: object) -> datetime | None:
    """A timestamp, in UTC; one without a zone is in UTC already. None if it is not a timestamp.

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
