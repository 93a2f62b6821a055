"""Who asks to be recognised as officer of a region, and what was decided.

What tells who somebody is stays only as long as it is needed: a withdrawn request is gone at once; once one is decided on and
told, its name and letter go, and where it is approved the number in Telegram too. Office and position of an approved one stay
for as long as the role for that region.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from knowledge.model import Language

from .connection import Connection
from .impersonal import today
from .numbers import next_number

MAX_OPEN: Final = 5
"""Requests of one person that may wait at the same time: more than anybody has offices, few enough that one person cannot bury
the others."""
_COLUMNS: Final = (
    "id, user_id, name, region, office, position, letter, language, day, state, decided_day, decided_by, note"
)

State = Literal["open", "approved", "refused"]
Sent = Literal["sent", "waits", "many"]
"""What came of sending one: it is kept; one of the same region waits already; or too many wait."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request."""

    id: int
    user_id: int
    """Whose it is; 0 where that is not kept any more."""
    name: str
    """Their first name, as Telegram gave it; empty once decided."""
    region: str
    office: str
    position: str
    letter: str
    """A document or photo (see :func:`handlers.staff.attached.attached`); empty where there is none, and once decided."""
    language: Language
    """In which they are answered."""
    day: str
    state: State = "open"
    decided_day: str = ""
    decided_by: str = ""
    note: str = ""
    """What an admin wrote to them."""


class Requests:
    """All requests."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ------------------------------------------------------------------------------------------------------------- sending

    def send(self, request: Request, token: str) -> tuple[Sent, int]:
        """Keep a request, in a transaction of its own, and return what came of it with the number of the request: of the new
        one, or of the one that waits already.

        ``request``: its number is not looked at. ``token``: of the draft that it is made of; sent again after a kill, it is
        kept once.
        """
        with self._connection as c:
            c.execute("begin immediate")
            known = c.execute("select id from requests where token = ?", (token,)).fetchone()
            if known:
                return "sent", int(known[0])
            waiting = [one for one in self.of(request.user_id) if one.state == "open"]
            same = next((one.id for one in waiting if one.region == request.region), 0)
            if same:
                return "waits", same
            if len(waiting) >= MAX_OPEN:
                return "many", 0
            number = next_number(c, "requests")
            c.execute(
                "insert into requests (id, user_id, name, region, office, position, letter, language, day, state, token) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?)",
                (
                    number, request.user_id, request.name, request.region, request.office, request.position, request.letter,
                    request.language, today(), token,
                ),
            )  # fmt: skip
        return "sent", number

    def add_letter(self, id: int, letter: str) -> None:
        """A letter comes later, or another one; part of the caller's transaction."""
        self._connection.execute("update requests set letter = ? where id = ? and state = 'open'", (letter, id))

    def withdraw(self, id: int, user_id: int) -> None:
        """One's own open request goes, with all that is in it; part of the caller's transaction."""
        self._connection.execute("delete from requests where id = ? and user_id = ? and state = 'open'", (id, user_id))

    def met(self, user_id: int, regions: Sequence[str] | None = None) -> None:
        """Somebody has become officer of regions (None: admin, so all) in another way: what they asked for is met, and its
        request goes; part of the caller's transaction."""
        for one in self.of(user_id):
            if regions is None or one.region in regions:
                self.withdraw(one.id, user_id)

    # ---------------------------------------------------------------------------------------------------------- looking up

    def get(self, id: int) -> Request | None:
        """A request; None where there is none of that number (any more)."""
        found = self._where("id = ?", id)
        return found[0] if found else None

    def pending(self, id: int, update_id: int = 0) -> Request | None:
        """A request that waits for a decision, or was decided on by this very update before a kill; None for any other."""
        found = self._where("id = ? and (state = 'open' or decided_update = ?)", id, update_id)
        return found[0] if found else None

    def open(self) -> list[Request]:
        """Those that wait for a decision, the oldest first."""
        return self._where("state = ?", "open")

    def of(self, user_id: int) -> list[Request]:
        """Somebody's requests that wait or were refused, the oldest first."""
        return self._where("user_id = ?", user_id)

    def _where(self, where: str, *values: int | str) -> list[Request]:
        rows = self._connection.execute(f"select {_COLUMNS} from requests where {where} order by id", values)
        return [Request(row[0], row[1] or 0, *row[2:]) for row in rows]

    # ------------------------------------------------------------------------------------------------------------- deciding

    def decide(self, id: int, state: State, actor: str, note: str, update_id: int) -> bool:
        """Decide on an open request, as part of the caller's transaction; False where another decision came first.

        ``update_id``: the update that decides; handled again after a kill, it is no other decision.
        """
        decided = self._connection.execute(
            "update requests set state = ?, decided_day = ?, decided_by = ?, note = ?, decided_update = ? "
            "where id = ? and (state = 'open' or decided_update = ?)",
            (state, today(), actor, note, update_id, id, update_id),
        )
        return decided.rowcount == 1

    def take_up(self, id: int, member: int) -> None:
        """An approved request has made somebody the member of that number; part of the caller's transaction."""
        self._connection.execute("update requests set member = ? where id = ?", (member, id))

    def settle(self, id: int) -> None:
        """The decision is told: what it needed of the person goes; part of the caller's transaction."""
        self._connection.execute(
            "update requests set name = '', letter = '', user_id = case state when 'refused' then user_id end "
            "where id = ? and state != 'open'",
            (id,),
        )

    def held_by(self, member: int, region: str) -> Request | None:
        """The request that made a member officer of a region; None where they came in another way."""
        found = self._where("member = ? and region = ?", member, region)
        return found[-1] if found else None

    def expire(self, day: str) -> None:
        """Forget what was sent before a day, but not the office of who is officer by it."""
        self._connection.execute("delete from requests where day < ? and member is null", (day,))

    def forget(self, user_id: int) -> None:
        """Somebody's requests go, decided or not."""
        self._connection.execute("delete from requests where user_id = ?", (user_id,))
