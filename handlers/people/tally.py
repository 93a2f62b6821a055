"""Numbers of what was asked: by day, outcome, language and what it was about. No texts, and nobody's name or number."""

from __future__ import annotations

from typing import NamedTuple

from .connection import Connection
from .impersonal import today


class Asked(NamedTuple):
    """How often something was asked about."""

    about: str
    """``r_33_10`` a region, ``t_partners`` a topic: what a link to the bot would carry."""
    times: int


Numbers = dict[tuple[str, str], int]
"""``(language, outcome)`` -> how many questions."""


class Tally:
    """The numbers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, outcome: str, language: str, about: str) -> None:
        """Count one question. ``about``: empty where it was about nothing that has a short name."""
        self._connection.execute(
            "insert into tally (day, outcome, language, about, times) values (?, ?, ?, ?, 1) "
            "on conflict (day, outcome, language, about) do update set times = times + 1",
            (today(), outcome, language, about),
        )

    def outcomes(self, since: str) -> Numbers:
        """How many questions there were since a day (ISO), that day among them."""
        rows = self._connection.execute(
            "select language, outcome, sum(times) from tally where day >= ? group by language, outcome", (since,)
        )
        return {(language, outcome): times for language, outcome, times in rows}

    def about(self, about: str, since: str) -> Numbers:
        """How many questions there were about one thing since a day (ISO), that day among them."""
        rows = self._connection.execute(
            "select language, outcome, sum(times) from tally where about = ? and day >= ? group by language, outcome",
            (about, since),
        )
        return {(language, outcome): times for language, outcome, times in rows}

    def most_asked(self, since: str, limit: int) -> list[Asked]:
        """What was asked about most since a day, in whichever language and with whichever outcome."""
        rows = self._connection.execute(
            "select about, sum(times) as n from tally where day >= ? and about != '' group by about "
            "order by n desc, about limit ?",
            (since, limit),
        )
        return [Asked(*row) for row in rows]
