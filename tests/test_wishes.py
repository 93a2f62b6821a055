"""When somebody is told: quiet hours, across midnight too, daily and weekly messages, and by whose clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.people.wishes import Wishes, zone_named

JAKARTA, NEW_YORK = ZoneInfo("Asia/Jakarta"), ZoneInfo("America/New_York")


def at(text: str, zone: ZoneInfo = JAKARTA) -> datetime:
    """A moment as a clock says it."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "awake"),
    [
        ("2027-06-01 12:00", "2027-06-01 12:00"),
        ("2027-06-01 20:59:59", "2027-06-01 20:59:59"),
        ("2027-06-01 21:00", "2027-06-02 07:00"),
        ("2027-06-01 23:59", "2027-06-02 07:00"),
        ("2027-06-02 00:00", "2027-06-02 07:00"),
        ("2027-06-02 06:59:59", "2027-06-02 07:00"),
        ("2027-06-02 07:00", "2027-06-02 07:00"),
    ],
)
def test_nobody_is_disturbed_at_night(now: str, awake: str) -> None:
    assert Wishes().awake(at(now)) == at(awake)


def test_quiet_hours_may_lie_within_a_day_and_there_may_be_none() -> None:
    by_day = Wishes(quiet_from=8, quiet_to=17)
    assert by_day.awake(at("2027-06-01 07:59")) == at("2027-06-01 07:59")
    assert by_day.awake(at("2027-06-01 08:30")) == at("2027-06-01 17:00")
    assert by_day.awake(at("2027-06-01 23:00")) == at("2027-06-01 23:00")
    never = Wishes(quiet_from=9, quiet_to=9)
    assert [never.awake(at(f"2027-06-01 {hour:02}:30")) for hour in range(24)] == [
        at(f"2027-06-01 {hour:02}:30") for hour in range(24)
    ]


def test_the_clock_is_that_of_the_person() -> None:
    # Jayapura is two hours ahead: half past nine in the evening there, and seven in the morning.
    jayapura = Wishes(zone="Asia/Jayapura")
    assert jayapura.awake(at("2027-06-01 19:30")) == at("2027-06-02 05:00")
    assert jayapura.awake(at("2027-06-02 06:00")) == at("2027-06-02 06:00")


@pytest.mark.parametrize(
    ("pace", "now", "due"),
    [
        ("now", "2027-06-01 12:00", "2027-06-01 12:00"),
        ("now", "2027-06-01 22:00", "2027-06-02 07:00"),
        ("daily", "2027-06-01 07:59", "2027-06-01 08:00"),
        ("daily", "2027-06-01 08:00", "2027-06-01 08:00"),
        ("daily", "2027-06-01 08:00:01", "2027-06-02 08:00"),
        ("weekly", "2027-06-01 12:00", "2027-06-07 08:00"),
        ("weekly", "2027-06-07 07:00", "2027-06-07 08:00"),
        ("weekly", "2027-06-07 09:00", "2027-06-14 08:00"),
    ],
)
def test_each_pace_has_its_hour(pace: str, now: str, due: str) -> None:
    assert Wishes(pace=pace).due(at(now)) == at(due)  # type: ignore[arg-type]


def test_a_daily_message_waits_for_the_end_of_quiet_hours() -> None:
    assert Wishes(pace="daily", quiet_from=22, quiet_to=10).due(at("2027-06-01 12:00")) == at("2027-06-02 10:00")
    assert Wishes(pace="weekly", quiet_from=22, quiet_to=10).due(at("2027-06-01 12:00")) == at("2027-06-07 10:00")


def test_where_the_clock_is_put_forward_eight_is_eight() -> None:
    there = Wishes(pace="daily", zone="America/New_York")
    assert there.due(at("2027-03-13 12:00", NEW_YORK)) == at("2027-03-14 08:00", NEW_YORK)
    assert there.due(at("2027-03-12 12:00", NEW_YORK)) == at("2027-03-13 08:00", NEW_YORK)
    # Of UTC, that is another hour on either day.
    assert [there.due(at(f"2027-03-{day} 12:00", NEW_YORK)).hour for day in (12, 13)] == [13, 12]


def test_a_zone_that_is_not_known_any_more_counts_as_jakarta() -> None:
    gone = Wishes(zone="Asia/Atlantis")
    assert gone.awake(at("2027-06-01 22:00")) == at("2027-06-02 07:00")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("wita", "Asia/Makassar"),
        ("WIB", "Asia/Jakarta"),
        ("tokyo", "Asia/Tokyo"),
        ("new york", "America/New_York"),
        ("  Kuala   Lumpur ", "Asia/Kuala_Lumpur"),
        ("asia/jayapura", "Asia/Jayapura"),
        ("GMT+7", "Asia/Jakarta"),
        ("gmt+8", "Asia/Makassar"),
        ("GMT+9", "Asia/Jayapura"),
        ("UTC + 09:00", "Asia/Jayapura"),
        ("utc 7", "Asia/Jakarta"),
        ("+8", "Asia/Makassar"),
        ("GMT-9", None),
        ("UTC+2", None),
        ("Etc/GMT-9", None),
        ("GMT", "GMT"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_a_zone_goes_by_its_city(typed: str, found: str | None) -> None:
    assert zone_named(typed) == found
