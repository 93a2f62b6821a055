"""Who follows what, and how they want to be told. What a person does here is part of the caller's transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from knowledge.model import Language

from .connection import Connection
from .deliveries import Deliveries
from .given import Given
from .impersonal import today
from .wishes import Wishes

_WISHES: Final = "pace, quiet_from, quiet_to, zone, corrections, broadcasts"
_WILLING: Final = "user_id in (select user_id from wishes where broadcasts)"
_REACHED: Final = "user_id not in (select user_id from people where unreachable_since is not null)"


class Follows:
    """Subjects are those of claims: ``region:33.10``, ``cohort:2018``, ``programme``."""

    def __init__(self, connection: Connection, deliveries: Deliveries, given: Given) -> None:
        self._connection = connection
        self._deliveries = deliveries
        self._given = given

    # ---------------------------------------------------------------------------------------------------------- following

    def follow(self, user_id: int, subject: str, language: Language | None = None) -> None:
        """Somebody wants to be told of changes to a subject; nothing happens where they do already. ``language``: which they
        spoke."""
        self._keep(user_id)
        if language:
            self._connection.execute("update wishes set language = ? where user_id = ?", (language, user_id))
        self._connection.execute(
            "insert or ignore into follows (user_id, subject, since) values (?, ?, ?)", (user_id, subject, today())
        )

    def stop(self, user_id: int, subject: str) -> None:
        """They do not any more; what waits to be told to them of it is dropped when its turn comes."""
        self._connection.execute("delete from follows where user_id = ? and subject = ?", (user_id, subject))
        self._tidy(user_id)

    def stop_all(self, user_id: int) -> None:
        """The same for everything they follow, and for corrections of what they were told: nothing more comes."""
        self._connection.execute("delete from follows where user_id = ?", (user_id,))
        self._connection.execute("update wishes set corrections = 0 where user_id = ?", (user_id,))
        self._given.forget(user_id)
        self._tidy(user_id)

    def of(self, user_id: int) -> list[str]:
        """What somebody follows, in the order they began to."""
        rows = self._connection.execute("select subject from follows where user_id = ? order by rowid", (user_id,))
        return [subject for (subject,) in rows]

    def count(self, subjects: Iterable[str] | None = None, *, wanting_broadcasts: bool = False) -> int:
        """How many people follow any of some subjects (None: anything at all) and can be reached."""
        return len(self.followers(subjects, wanting_broadcasts=wanting_broadcasts))

    def followers(self, subjects: Iterable[str] | None = None, *, wanting_broadcasts: bool = False) -> list[int]:
        """Their numbers in Telegram, each once. ``wanting_broadcasts``: only of those who want the programme's notices."""
        where, values = [_REACHED], []
        if subjects is not None:
            where.append("subject in (select value from json_each(?))")
            values.append(json.dumps(sorted(set(subjects))))
        if wanting_broadcasts:
            where.append(_WILLING)
        rows = self._connection.execute(
            f"select distinct user_id from follows where {' and '.join(where)} order by user_id", values
        )
        return [user_id for (user_id,) in rows]

    def counts(self, groups: Mapping[str, Collection[str]]) -> dict[str, int]:
        """Of each group of subjects, how many people follow any of them, can be reached, and want the programme's notices;
        groups that nobody follows are left out."""
        followers: dict[str, set[int]] = defaultdict(set)
        rows = self._connection.execute(f"select subject, user_id from follows where {_REACHED} and {_WILLING}")
        for subject, user_id in rows:
            followers[subject].add(user_id)
        found = {
            name: set[int]().union(*(followers.get(one, ()) for one in subjects)) for name, subjects in groups.items()
        }
        return {name: len(people) for name, people in found.items() if people}

    # ------------------------------------------------------------------------------------------------------------- wishes

    def language(self, user_id: int) -> Language | None:
        """The language to tell somebody in: which they chose, else which they spoke when they began to follow something;
        None where neither is known."""
        row = self._connection.execute(
            "select coalesce((select language from people where user_id = ?1), "
            "(select language from wishes where user_id = ?1))",
            (user_id,),
        ).fetchone()
        found: Language | None = row[0]
        return found

    def wishes(self, user_id: int) -> Wishes:
        """How somebody wants to be told."""
        row = self._connection.execute(f"select {_WISHES} from wishes where user_id = ?", (user_id,)).fetchone()
        return Wishes(*row[:4], *map(bool, row[4:])) if row else Wishes()

    def wishes_of(self, user_ids: Collection[int]) -> dict[Wishes, int]:
        """How many of some people have which wishes."""
        rows = self._connection.execute(
            f"select {_WISHES}, count(*) from wishes where user_id in (select value from json_each(?)) group by {_WISHES}",
            (json.dumps(list(user_ids)),),
        )
        return {Wishes(*row[:4], *map(bool, row[4:6])): row[6] for row in rows}

    def wish(self, user_id: int, **wanted: Any) -> None:
        """Change some of a person's wishes, by the names that :class:`Wishes` has for them. What waits for them already
        comes as they wish now, or not at all."""
        assert set(wanted) <= set(Wishes.__dataclass_fields__)
        self._keep(user_id)
        for name, value in wanted.items():
            self._connection.execute(f"update wishes set {name} = ? where user_id = ?", (value, user_id))
        if wanted.get("corrections") is False:
            self._given.forget(user_id)
            self._tidy(user_id)
        self._deliveries.reschedule(user_id, self.wishes(user_id))

    def forget(self, user_id: int) -> None:
        """Nothing of what somebody follows or wishes is known any more, and nothing that waits for them is sent."""
        self._connection.execute("delete from follows where user_id = ?", (user_id,))
        self._connection.execute("delete from wishes where user_id = ?", (user_id,))
        self._given.forget(user_id)
        self._deliveries.forget(user_id)

    def unreachable(self, user_id: int) -> None:
        """Messages do not reach somebody any more: they follow nothing, and what waits for them is dropped."""
        self._connection.execute("delete from follows where user_id = ?", (user_id,))
        self._connection.execute("delete from wishes where user_id = ?", (user_id,))
        self._given.forget(user_id)
        self._deliveries.drop_all(user_id)

    def _tidy(self, user_id: int) -> None:
        """Whoever follows nothing (any more) and wants no corrections gets no messages: how they wanted them is not kept, and
        no notice of the programme team that waits for them is sent."""
        gone = self._connection.execute(
            "delete from wishes where user_id = ?1 and not corrections "
            "and not exists (select 1 from follows where user_id = ?1)",
            (user_id,),
        )
        if gone.rowcount:
            self._deliveries.drop_broadcasts(user_id)

    def _keep(self, user_id: int) -> None:
        """A row for whoever has none; it also keeps the number of the last message in their chat."""
        made = self._connection.execute("insert or ignore into wishes (user_id) values (?)", (user_id,))
        if made.rowcount:
            self._connection.execute(
                "update wishes set last_message = "
                "coalesce((select max(message_id) from replies where chat_id = wishes.user_id), 0) where user_id = ?",
                (user_id,),
            )
