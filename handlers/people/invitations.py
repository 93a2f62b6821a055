"""Invitations to look after the knowledge: links that work once, for some days. Only a link's hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from . import moment
from .connection import Connection
from .staff import Member, Role, Staff

DAYS: Final = 7
"""How long an invitation can be used."""
PREFIX: Final = "inv_"
"""What the payload of an invitation's link begins with."""
_DAY: Final = 86400
_COLUMNS: Final = "id, role, regions, created_by, expires_at, used_by, used_update, revoked"

State = Literal["accepted", "held", "used", "expired", "revoked", "unknown"]
"""What came of opening a link: the role is given; the person has it already, or a higher one, and the link stays as it was;
or the link cannot be used."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation."""

    id: int
    role: Role
    regions: tuple[str, ...]
    """Codes of the regions that an officer shall answer for."""
    created_by: int | None
    """Number of who invited; None for the command line."""
    expires_at: int

    def days_left(self, now: float | None = None) -> int:
        """Days until it expires, begun ones included."""
        return -int(-(self.expires_at - (moment.now() if now is None else now)) // _DAY)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What came of opening a link."""

    state: State
    invitation: Invitation | None = None
    member: Member | None = None
    """Whoever opened it, as they stand now, where they have a role."""


class Invitations:
    """All invitations. Their rows stay, without anything personal, so that an old link is told from an unknown one."""

    def __init__(self, connection: Connection, staff: Staff) -> None:
        self._connection = connection
        self._staff = staff

    def create(self, role: Role, regions: Iterable[str], by: int | None, *, update_id: int = 0, now: float | None = None) -> tuple[Invitation, str]:  # fmt: skip
        """Write an invitation down, at once, and return it with the payload of its link, which is known only now.

        ``update_id``: the update that asks for it; where it is handled again after a kill, before the link was told, the
        same invitation gets a new link.
        """
        payload = PREFIX + secrets.token_urlsafe(24)
        expires = int(moment.now() if now is None else now) + DAYS * _DAY
        with self._connection as c:
            c.execute("begin immediate")
            row = c.execute("select id from invitations where made_update = ?", (update_id,)).fetchone()
            if update_id and row:
                number = int(row[0])
                c.execute("update invitations set token_hash = ? where id = ?", (_hash(payload), number))
            else:
                cursor = c.execute(
                    "insert into invitations (token_hash, role, regions, created_by, expires_at, made_update) "
                    "values (?, ?, ?, ?, ?, ?)",
                    (_hash(payload), role.word, ",".join(sorted(set(regions))), by, expires, update_id or None),
                )
                assert cursor.lastrowid is not None
                number = cursor.lastrowid
        row = self._connection.execute(f"select {_COLUMNS} from invitations where id = ?", (number,)).fetchone()
        return _invitation(row), payload

    def of_update(self, update_id: int) -> Invitation | None:
        """The invitation that an update asked for, where it was made."""
        row = self._connection.execute(
            f"select {_COLUMNS} from invitations where made_update = ?", (update_id,)
        ).fetchone()
        return _invitation(row) if row else None

    def open(self, now: float | None = None) -> list[Invitation]:
        """Those that can still be used, the oldest first."""
        rows = self._connection.execute(
            f"select {_COLUMNS} from invitations where used_by is null and revoked = 0 and expires_at > ? order by id",
            (moment.now() if now is None else now,),
        )
        return [_invitation(row) for row in rows]

    def withdraw(self, id: int) -> None:
        """An invitation cannot be used any more."""
        self._connection.execute("update invitations set revoked = 1 where id = ? and used_by is null", (id,))

    def accept(
        self, payload: str, user_id: int, name: str, *, update_id: int = 0, now: float | None = None
    ) -> Acceptance:
        """Give the role that a link invites to, in a transaction of its own: of two who open it at once, one gets it.

        ``update_id``: the update that opens it; handled again after a kill, it comes to the same.
        """
        now = moment.now() if now is None else now
        with self._connection as c:
            c.execute("begin immediate")
            row = c.execute(f"select {_COLUMNS} from invitations where token_hash = ?", (_hash(payload),)).fetchone()
            before = self._staff.member(user_id)
            if row is None:
                return Acceptance("unknown", None, before)
            invitation = _invitation(row)
            used_by, used_update, revoked = row[5:]
            if used_by is not None:
                mine = before is not None and before.id == used_by and update_id and update_id == used_update
                return Acceptance("accepted" if mine else "used", invitation, before)
            if revoked:
                return Acceptance("revoked", invitation, before)
            if invitation.expires_at <= now:
                return Acceptance("expired", invitation, before)
            if before and _covered(invitation, before):
                return Acceptance("held", invitation, before)
            member = self._staff.give(user_id, name, invitation.role, invitation.regions, invitation.created_by)
            c.execute(
                "update invitations set used_by = ?, used_update = ? where id = ?",
                (member.id, update_id, invitation.id),
            )
        return Acceptance("accepted", invitation, member)


def _covered(invitation: Invitation, member: Member) -> bool:
    """Whether somebody may do already all that an invitation would let them do."""
    if member.role == invitation.role == Role.OFFICER:
        return set(invitation.regions) <= set(member.regions)
    return member.role >= invitation.role


def _hash(payload: str) -> str:
    return hashlib.sha256(payload.encode()).hexdigest()


def _invitation(row: tuple[int, str, str, int | None, int, int | None, int | None, int]) -> Invitation:
    id, role, regions, created_by, expires_at, *_ = row
    return Invitation(id, Role[role.upper()], tuple(filter(None, regions.split(","))), created_by, expires_at)
