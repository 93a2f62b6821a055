"""What officers propose to correct of their regions, and what became of it.

A proposal is kept until it is decided on, and as long after that as a question without answer. Whoever proposed something and
has themselves forgotten leaves the proposal behind, without their number and without the document that came with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from knowledge.proposing import Proposal

from .connection import Connection
from .impersonal import today
from .numbers import next_number

MAX_OPEN: Final = 30
"""Proposals of one person that may wait at the same time: more than a card has lines, few enough to be looked through."""
_PROPOSED: Final = "kind, region, line, language, claim, text, other, period"
_REST: Final = (
    "id, day, user_id, member, before, source, document, token, state, decided_day, decided_by, note, change_id, rounds"
)

State = Literal["open", "accepted", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Correction:
    """One proposal, and how far it is."""

    proposal: Proposal
    user_id: int = 0
    """Whose it is; 0 where that is not kept any more."""
    member: int = 0
    """Their number among those with a role."""
    before: dict[str, str] | None = None
    """The row of the claim as it stood when it was proposed; None where there was none."""
    source: dict[str, str] = field(default_factory=dict)
    """Where it is published: ``id`` of a known source (empty: those that the claim has), or ``publisher``, ``title``, ``date``
    and ``url`` of a new one; nothing where a remark has none."""
    document: str = ""
    """A document or photo (see :func:`handlers.staff.attached.attached`); empty where there is none."""
    id: int = 0
    day: str = ""
    token: str = ""
    """What tells it from all other proposals, of other databases too."""
    state: State = "open"
    decided_day: str = ""
    decided_by: str = ""
    note: str = ""
    """What an admin wrote about it."""
    change: int = 0
    """The change of the knowledge that it led to; 0 where it led to none."""
    rounds: int = 0
    """How often it waited for a decision again."""

    @property
    def change_token(self) -> str:
        """What makes the change that it leads to happen once, whoever of several admins makes it."""
        return f"{self.token} {self.rounds}"


class Corrections:
    """All proposals."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send(self, correction: Correction) -> int:
        """Keep a new one, in a transaction of its own, and return its number; 0 where too many of the same person wait.

        Its ``token`` is that of the draft that it is made of: sent again after a kill, it is kept once.
        """
        with self._connection as c:
            c.execute("begin immediate")
            known = c.execute("select id from corrections where token = ?", (correction.token,)).fetchone()
            if known:
                return int(known[0])
            if sum(one.state == "open" for one in self.of(correction.user_id)) >= MAX_OPEN:
                return 0
            number = next_number(c, "corrections")
            made = correction.proposal
            c.execute(
                f"insert into corrections (id, day, user_id, member, before, source, document, token, {_PROPOSED}) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number, today(), correction.user_id, correction.member, _packed(correction.before), _packed(correction.source),
                    correction.document, correction.token, made.kind, made.region, made.line, made.language, made.claim, made.text,
                    made.other, made.period,
                ),
            )  # fmt: skip
        return number

    # ---------------------------------------------------------------------------------------------------------- looking up

    def get(self, id: int) -> Correction | None:
        """A proposal; None where there is none of that number (any more)."""
        found = self._where("id = ?", id)
        return found[0] if found else None

    def pending(self, id: int, update_id: int = 0) -> Correction | None:
        """A proposal that waits for a decision, or was decided on by this very update before a kill; None for any other."""
        found = self._where("id = ? and (state = 'open' or decided_update = ?)", id, update_id)
        return found[0] if found else None

    def of(self, user_id: int) -> list[Correction]:
        """Somebody's own, decided or not, the oldest first."""
        return self._where("user_id = ?", user_id) if user_id else []

    def open(self) -> list[Correction]:
        """Those that wait for a decision, the oldest first."""
        return self._where("state = ?", "open")

    def beside(self, proposal: Proposal, id: int = 0) -> list[Correction]:
        """Others that wait for a decision on the same statement, or on the same line where it is about none. ``id``: its own
        number, once it has one."""
        same = (proposal.region, proposal.line, proposal.claim)
        return [
            one
            for one in self.open()
            if one.id != id and (one.proposal.region, one.proposal.line, one.proposal.claim) == same
        ]

    def settled_by(self, change: int) -> list[Correction]:
        """Those that were accepted with a change."""
        return [one for one in self._where("change_id = ?", change) if one.state == "accepted"] if change else []

    def told(self, user_id: int) -> set[int]:
        """The changes that somebody read of because they proposed them."""
        found = "select change_id from corrections where user_id = ? and state = 'accepted' and change_id > 0"
        return {change for (change,) in self._connection.execute(found, (user_id,))}

    def _where(self, where: str, *values: int | str) -> list[Correction]:
        rows = self._connection.execute(
            f"select {_PROPOSED}, {_REST} from corrections where {where} order by id", values
        )
        return [_correction(row) for row in rows]

    # ------------------------------------------------------------------------------------------------------------ deciding

    def decide(
        self, id: int, state: State, actor: str = "", note: str = "", *, change: int = 0, update_id: int = 0
    ) -> None:
        """Accept, refuse or withdraw an open one; part of the caller's transaction. ``update_id``: the update that decides;
        handled again after a kill, it still finds the proposal (see :meth:`pending`)."""
        self._connection.execute(
            "update corrections set state = ?, decided_day = ?, decided_by = ?, note = ?, change_id = ?, "
            "decided_update = nullif(?, 0) where id = ? and state = 'open'",
            (state, today(), actor, note, change, update_id, id),
        )

    def reopen(self, id: int) -> None:
        """It waits for a decision again; part of the caller's transaction."""
        self._connection.execute(
            "update corrections set state = 'open', decided_day = '', decided_by = '', note = '', change_id = 0, "
            "decided_update = null, rounds = rounds + 1 where id = ? and state = 'accepted'",
            (id,),
        )

    def forget(self, user_id: int) -> None:
        """Somebody's proposals stay, but no longer say whose they were; what they attached goes."""
        self._connection.execute(
            "update corrections set user_id = null, member = 0, document = '' where user_id = ?", (user_id,)
        )

    def expire(self, day: str) -> None:
        """Those decided on before a day go; what waits stays."""
        self._connection.execute("delete from corrections where state != 'open' and decided_day < ?", (day,))


def _packed(row: dict[str, str] | None) -> str:
    return "" if row is None else json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _correction(row: tuple[Any, ...]) -> Correction:
    proposed, rest = row[:8], row[8:]
    id, day, user_id, member, before, source, document, token, *decided = rest
    return Correction(
        Proposal(*proposed), user_id or 0, member, json.loads(before) if before else None, json.loads(source), document,
        id, day, token, *decided,
    )  # fmt: skip
