"""What people are told without asking: changes of what they follow, and notices of the programme team.

A notice is spread to those concerned in steps, so that ten thousand of them hold up nobody's answer: each gets one delivery
(see ``deliveries.py``). A step that a kill cuts off is taken again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Final, Literal, NamedTuple

from .connection import Connection
from .numbers import next_number
from .wishes import When, Wishes, clock

Kind = Literal["change", "broadcast"]
State = Literal["spreading", "open", "stopped"]
SPREAD_AT_ONCE: Final = 1_000
"""People who get a delivery in one step: some 5 ms, which no answer notices."""
CURSOR: Final = "notices of changes"
"""Name of the setting that keeps the last change of the knowledge that people are told of."""
FOLLOWERS: Final = "select user_id from follows where subject = :subject"
_COLUMNS: Final = "id, kind, change_id, subject, at, actor, text_id, text_en, audience, state"


class Notice(NamedTuple):
    """Something to tell."""

    id: int
    kind: Kind
    change: int
    """Number of the change of the knowledge; 0 for a broadcast."""
    subject: str
    """What the change is about; empty for a broadcast."""
    at: int
    """When it was made, in seconds of Unix time."""
    actor: str
    """Who sends a broadcast (``admin 3``); empty for a change."""
    text_id: str
    text_en: str
    audience: str
    """Whom a broadcast is for, in the sender's own shorthand."""
    state: State


class Progress(NamedTuple):
    """How far a notice is."""

    total: int
    sent: int
    dropped: int
    """Not sent: they blocked the bot, want no such messages any more, or it was stopped."""
    waiting: int
    """Not sent yet; among them the one that may be on its way."""
    state: State


class Notices:
    """The notices. What is written is part of the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---------------------------------------------------------------------------------------------------------- broadcasts

    def announce(
        self, actor: str, text_id: str, text_en: str, audience: str, user_ids: Iterable[int], update_id: int
    ) -> int:
        """Send a notice of the programme team to some people, each after their quiet hours; its number. The same update
        makes no second one."""
        known = self._connection.execute("select id from notices where update_id = ?", (update_id,)).fetchone()
        if known:
            return int(known[0])
        number = next_number(self._connection, "notices")
        self._connection.execute(
            "insert into notices (id, kind, at, actor, text_id, text_en, audience, state, update_id) "
            "values (?, 'broadcast', ?, ?, ?, ?, ?, 'open', ?)",
            (number, int(clock().timestamp()), actor, text_id, text_en, audience, update_id),
        )
        self._deliver(number, sorted(set(user_ids)), Wishes.awake)
        return number

    def stop(self, notice_id: int) -> None:
        """Whoever has not got a notice yet does not get it."""
        self._connection.execute("update notices set state = 'stopped' where id = ?", (notice_id,))
        self._connection.execute(
            "update deliveries set state = 'dropped', at = ? where notice_id = ? and state = 'waiting'",
            (int(clock().timestamp()), notice_id),
        )

    def broadcasts(self) -> list[Notice]:
        """The notices of the programme team that are still kept, the newest first."""
        return self._all("kind = 'broadcast' order by id desc")

    def get(self, notice_id: int) -> Notice | None:
        """A notice; None where there is none of that number (any more)."""
        return next(iter(self._all("id = ?", notice_id)), None)

    def some(self, notice_ids: Collection[int]) -> list[Notice]:
        """Some notices, in the order they were made."""
        return self._all("id in (select value from json_each(?)) order by id", json.dumps(list(notice_ids)))

    def progress(self, notice_id: int) -> Progress:
        """How far a notice is.

        Raises:
            LookupError: there is none of that number (any more).
        """
        row = self._connection.execute("select sent, dropped, state from notices where id = ?", (notice_id,)).fetchone()
        if row is None:
            raise LookupError(notice_id)
        counted = dict(
            self._connection.execute(
                "select state, count(*) from deliveries where notice_id = ? group by state", (notice_id,)
            ).fetchall()
        )
        sent, dropped = row[0] + counted.get("sent", 0), row[1] + counted.get("dropped", 0)
        waiting = counted.get("waiting", 0) + counted.get("sending", 0)
        return Progress(sent + dropped + waiting, sent, dropped, waiting, row[2])

    def of_update(self, update_id: int) -> Notice | None:
        """The notice that an update sent; None where it sent none."""
        return next(iter(self._all("update_id = ?", update_id)), None)

    def asleep(self, notice_id: int) -> tuple[int, int]:
        """How many wait for a notice until their quiet hours end, and when those of the last of them do (Unix time; 0 where
        nobody waits for that)."""
        row = self._connection.execute(
            "select count(*), coalesce(max(due_at), 0) from deliveries where notice_id = ? and state = 'waiting' and due_at > ?",
            (notice_id, clock().timestamp()),
        ).fetchone()
        return row[0], row[1]

    # ------------------------------------------------------------------------------------------------------------- changes

    def cursor(self) -> int | None:
        """The last change of the knowledge that people are told of; None before the first look."""
        row = self._connection.execute("select value from settings where key = ?", (CURSOR,)).fetchone()
        return int(row[0]) if row else None

    def set_cursor(self, change: int) -> None:
        """People are told of the changes up to this one."""
        self._connection.execute("insert or replace into settings (key, value) values (?, ?)", (CURSOR, str(change)))

    def followed(self, subjects: Collection[str]) -> list[str]:
        """Those of some subjects that anybody follows."""
        rows = self._connection.execute(
            "select distinct subject from follows where subject in (select value from json_each(?)) order by subject",
            (json.dumps(list(subjects)),),
        )
        return [subject for (subject,) in rows]

    def add(self, change: int, subjects: Iterable[str]) -> None:
        """A change of the knowledge is to be told to those whom some subjects concern."""
        self._connection.executemany(
            "insert into notices (id, kind, change_id, subject, at, state) values (?, 'change', ?, ?, ?, 'spreading')",
            [
                (next_number(self._connection, "notices"), change, subject, int(clock().timestamp()))
                for subject in subjects
            ],
        )

    def spreading(self) -> Notice | None:
        """The first notice that not all have a delivery of who are concerned."""
        return next(iter(self._all("state = 'spreading' order by id limit 1")), None)

    def spread(self, notice: Notice, circle: str = FOLLOWERS, limit: int = SPREAD_AT_ONCE, **values: object) -> bool:
        """Give some more of those concerned a delivery; True once all have one.

        ``circle``: a select of the ``user_id`` of everybody concerned, with ``values`` (and ``:subject``, ``:change``).
        """
        (reached,) = self._connection.execute("select spread_to from notices where id = ?", (notice.id,)).fetchone()
        rows = self._connection.execute(
            f"select distinct user_id from ({circle}) where user_id > :reached and user_id not in "
            "(select user_id from people where unreachable_since is not null) order by user_id limit :limit",
            {"subject": notice.subject, "change": notice.change, "reached": reached, "limit": limit, **values},
        )
        people = [user_id for (user_id,) in rows]
        self._deliver(notice.id, people, Wishes.due)
        done = len(people) < limit
        # Once all have one, nobody's number stays here.
        self._connection.execute(
            "update notices set spread_to = ?, state = ? where id = ?",
            (0 if done else people[-1], "open" if done else "spreading", notice.id),
        )
        return done

    def _deliver(self, notice_id: int, people: Sequence[int], when: When) -> None:
        """A delivery for each of some people, due by the wishes of each. Wishes that many share are looked at once."""
        if not people:
            return
        now, dues = clock(), dict[Wishes, int]()
        wishes = {
            user_id: Wishes(*wanted)
            for user_id, *wanted in self._connection.execute(
                "select user_id, pace, quiet_from, quiet_to, zone, corrections, broadcasts from wishes "
                "where user_id in (select value from json_each(?))",
                (json.dumps(people),),
            )
        }
        rows = []
        for user_id in people:
            wanted = wishes.get(user_id, Wishes())
            if wanted not in dues:
                dues[wanted] = int(when(wanted, now).timestamp())
            rows.append((notice_id, user_id, dues[wanted]))
        self._connection.executemany(
            "insert or ignore into deliveries (notice_id, user_id, due_at, state) values (?, ?, ?, 'waiting')", rows
        )

    # ------------------------------------------------------------------------------------------------------------- forgetting

    def forget(self, user_id: int) -> None:
        """No notice says any more that it was spread as far as somebody: it is spread again from the first, which gives nobody
        a second delivery."""
        self._connection.execute("update notices set spread_to = 0 where spread_to = ?", (user_id,))

    def expire(self, day: float, moment: float) -> None:
        """Forget notices older than ``day``, and what became of each delivery before ``moment`` (both Unix time): only how
        many there were stays. What still waits is kept."""
        c = self._connection
        for state in ("sent", "dropped"):
            old = f"state = '{state}' and at < :moment"
            c.execute(
                f"update notices set {state} = {state} + (select count(*) from deliveries where notice_id = id and {old}) "
                f"where id in (select notice_id from deliveries where {old})",
                {"moment": moment},
            )
            c.execute(f"delete from deliveries where {old}", {"moment": moment})
        finished = "state != 'spreading' and id not in (select notice_id from deliveries)"
        c.execute(f"delete from notices where kind = 'change' and at < ? and {finished}", (moment,))
        c.execute(f"delete from notices where kind = 'broadcast' and at < ? and {finished}", (day,))

    def _all(self, where: str, *values: object) -> list[Notice]:
        return [
            Notice(*row) for row in self._connection.execute(f"select {_COLUMNS} from notices where {where}", values)
        ]
