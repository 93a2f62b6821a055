"""Who looks after the knowledge: owners, admins and officers. Each has a number that is never given again.

Whoever has no role any more keeps a row without their Telegram number: what they changed still names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final, Literal

from .connection import Connection
from .drafts import Drafts

COMMAND_LINE: Final = "command line"
"""The actor of what is done with `bot.py`."""
_COLUMNS: Final = "id, user_id, name, role, regions, digest, since"

Removal = Literal["done", "protected", "last", "unknown"]
"""How taking away a role ended: done (now or before); not possible because OWNER_IDS names the person, or because nobody
else is an owner; or there is nobody of that number."""


class Role(IntEnum):
    """What a person may do; each may do what those below may."""

    NONE = 0
    OFFICER = 1
    ADMIN = 2
    OWNER = 3

    @property
    def word(self) -> str:
        """How it is written down: ``admin``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who looks after the knowledge, or did."""

    id: int
    user_id: int
    """Their number in Telegram; 0 where the role is taken away."""
    name: str
    """Their first name, as Telegram gave it; may be empty."""
    role: Role
    """What they may do; where it is taken away, what they were allowed to do before."""
    regions: tuple[str, ...]
    """Codes of the regions that an officer answers for."""
    digest: bool
    """Whether they want the weekly digest."""
    since: str
    """The day they got a role."""

    @property
    def actor(self) -> str:
        """How events name them: ``admin 3``."""
        return f"{self.role.word} {self.id}"


class Staff:
    """Everybody with a role. What must hold whatever happens at the same time is checked within one transaction."""

    def __init__(self, connection: Connection, owners: Collection[int] = ()) -> None:
        """``owners``: the Telegram numbers of OWNER_IDS (see :meth:`appoint_owners`)."""
        self._connection = connection
        self._owners = frozenset(owners)

    def appoint_owners(self) -> None:
        """Make those of OWNER_IDS owners; part of the caller's transaction."""
        for user_id in sorted(self._owners):
            self._connection.execute(
                "insert into staff (user_id, name, role, regions, since) values (?, '', 'owner', '', ?) "
                "on conflict (user_id) do update set role = 'owner', regions = '' where role != 'owner'",
                (user_id, today()),
            )

    # ---------------------------------------------------------------------------------------------------------- looking up

    def role(self, user_id: int) -> Role:
        """What somebody may do at this moment."""
        member = self.member(user_id)
        return member.role if member else Role.NONE

    def member(self, user_id: int) -> Member | None:
        """Somebody with a role, by their number in Telegram."""
        return self._one("user_id = ?", user_id) if user_id else None

    def numbered(self, id: int) -> Member | None:
        """Somebody who has or had a role, by the number that it gave them."""
        return self._one("id = ?", id)

    def members(self) -> list[Member]:
        """Everybody with a role, the highest first, and those with the same in the order they came."""
        rows = self._connection.execute(f"select {_COLUMNS} from staff where user_id is not null order by id")
        return sorted(map(_member, rows), key=lambda member: -member.role)

    def reachable(self, role: Role) -> list[int]:
        """Telegram numbers of those with that role or a higher one who have not blocked the bot."""
        blocked = "select user_id from people where unreachable_since is not null"
        rows = self._connection.execute(f"select {_COLUMNS} from staff where user_id not in ({blocked}) order by id")
        return [member.user_id for member in map(_member, rows) if member.role >= role]

    def regions_of(self, user_id: int) -> tuple[str, ...]:
        """Codes of the regions that somebody answers for as officer; none for everybody else."""
        member = self.member(user_id)
        return member.regions if member and member.role == Role.OFFICER else ()

    def actor(self, user_id: int) -> str:
        """How events name somebody: ``owner 1``.

        Raises:
            LookupError: they have no role.
        """
        member = self.member(user_id)
        if member is None:
            raise LookupError("no role")
        return member.actor

    def name_of(self, actor: str) -> str:
        """An actor with their name, for those who look after the knowledge: ``admin 3 (Sari)``."""
        _, _, number = actor.rpartition(" ")
        member = self.numbered(int(number)) if number.isascii() and number.isdecimal() else None
        return f"{actor} ({member.name})" if member and member.name else actor

    def permanent(self, user_id: int) -> bool:
        """Whether the role cannot be taken away: OWNER_IDS names the person, or nobody else is an owner."""
        return user_id in self._owners or self._last_owner(user_id)

    # ------------------------------------------------------------------------------------------------------------ changing

    def give(self, user_id: int, name: str, role: Role, regions: Iterable[str], invited_by: int | None) -> Member:
        """Give a role, or a higher one, or further regions; part of the caller's transaction. Nothing is ever lowered."""
        before = self.member(user_id)
        kept = before.regions if before and before.role == role else ()
        codes = ",".join(sorted({*kept, *regions}))
        if before is None:
            self._connection.execute(
                "insert into staff (user_id, name, role, regions, since, invited_by) values (?, ?, ?, ?, ?, ?)",
                (user_id, name, role.word, codes, today(), invited_by),
            )
        elif role >= before.role:
            self._connection.execute(
                "update staff set name = ?, role = ?, regions = ? where id = ?", (name, role.word, codes, before.id)
            )
            if role > before.role:
                self._leave_offices(before.id)
        member = self.member(user_id)
        assert member is not None
        return member

    def set_name(self, user_id: int, name: str) -> None:
        """Keep the name that Telegram gives, where none is known yet."""
        self._connection.execute("update staff set name = ? where user_id = ? and name = ''", (name, user_id))

    def set_digest(self, user_id: int, wanted: bool) -> None:
        """Whether somebody wants the weekly digest."""
        self._connection.execute("update staff set digest = ? where user_id = ?", (int(wanted), user_id))

    def revoke(self, id: int) -> Removal:
        """Take a role away, in a transaction of its own; with it go the person's drafts, offices and open invitations."""
        with self._connection as c:
            c.execute("begin immediate")
            member = self.numbered(id)
            if member is None:
                return "unknown"
            if member.user_id in self._owners:
                return "protected"
            if self._last_owner(member.user_id):
                return "last"
            self._remove(member)
        return "done"

    def give_up(self, user_id: int, region: str) -> None:
        """An officer gives up a region, and with the last one the role; part of the caller's transaction."""
        member = self.member(user_id)
        if member is None or member.role != Role.OFFICER or region not in member.regions:
            return
        left = ",".join(code for code in member.regions if code != region)
        if left:
            self._connection.execute("update staff set regions = ? where id = ?", (left, member.id))
            self._leave_offices(member.id, region)
        else:
            self._remove(member)

    def forget(self, user_id: int) -> None:
        """Give up a role and be forgotten, as part of the caller's transaction. Whoever must stay an owner loses only the
        name."""
        member = self.member(user_id)
        if member is None:
            return
        if not self.permanent(user_id):
            self._remove(member)
        self._leave_offices(member.id)
        self._connection.execute("update staff set name = '', digest = 0 where id = ?", (member.id,))

    def _last_owner(self, user_id: int) -> bool:
        owners = [member.user_id for member in self.members() if member.role == Role.OWNER]
        return owners == [user_id]

    def _remove(self, member: Member) -> None:
        self._connection.execute(
            "update invitations set revoked = 1 where created_by = ? and used_by is null", (member.id,)
        )
        Drafts(self._connection).drop_all(member.user_id)
        self._leave_offices(member.id)
        self._connection.execute("update staff set user_id = null, digest = 0 where id = ?", (member.id,))

    def _leave_offices(self, id: int, region: str = "") -> None:
        """What somebody said of their office when they asked to be officer, of one region or of all, goes."""
        where = "member = ? and ? in ('', region)"
        self._connection.execute(f"delete from requests where {where}", (id, region))

    def _one(self, where: str, value: int) -> Member | None:
        with closing(self._connection.execute(f"select {_COLUMNS} from staff where {where}", (value,))) as rows:
            row = rows.fetchone()
        return _member(row) if row else None


def today() -> str:
    """This day, as it is written down."""
    return datetime.now(UTC).date().isoformat()


def _member(row: tuple[int, int | None, str | None, str, str, int, str]) -> Member:
    id, user_id, name, role, regions, digest, since = row
    codes = tuple(filter(None, regions.split(",")))
    return Member(id, user_id or 0, name or "", Role[role.upper()], codes, bool(digest), since)
