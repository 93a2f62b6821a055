"""The one connection to people.db, and what concerns all of it: opening, forgetting one person, forgetting what is old."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from knowledge.migrations import opened

from . import moment
from .connection import Connection, Outage, Unsaved
from .corrections import Corrections
from .deliveries import Deliveries
from .drafts import Drafts
from .follows import Follows
from .given import Given
from .inbox import Inbox
from .invitations import Invitations
from .lengths import Lengths
from .migrations import migrations
from .notices import Notices
from .owed import COMMITTED, Changes, Effect, Owed
from .profiles import Profiles
from .queue import Queue
from .reasons import refusal
from .reports import Reports
from .requests import Requests
from .staff import Staff
from .tally import Tally
from .uploads import Uploads

FILE: Final = "people.db"
APPLICATION_ID: Final = 0x54313031
"""Written into the file's header ("T101"), so that a stray database is not taken for ours."""
EDIT_SECONDS: Final = 48 * 3600
"""How long Telegram lets people edit a message, so how long it must be known which answer belongs to it
(https://core.telegram.org/bots/api#updating-messages)."""
MAX_LEDGER: Final = 200_000
"""Updates remembered as handled, at most: some 10 MB. Telegram itself repeats an update for 24 hours at most."""

log = structlog.get_logger(__name__)


def _opened(path: Path, wait: float) -> sqlite3.Connection:
    return opened(path, APPLICATION_ID, migrations, wait=wait)


class People:
    """people.db: the inbox of updates, what people chose, the questions without answer, and reports.

    Everything runs on the event loop's thread: a write takes some 50 microseconds, less than handing it to another.
    """

    def __init__(
        self, data_dir: Path, *, retention_days: int = 90, owners: Collection[int] = (), stand_in: bool = False
    ) -> None:
        """Open or make the file. ``owners``: the Telegram numbers of OWNER_IDS. ``stand_in``: what people ask is to be
        answered even while the file cannot be used (see :mod:`.connection`), and nobody's write is waited for long.

        Raises:
            DatabaseError: it cannot be opened, or is no file of ours, or of a newer version; an ``UnavailableError`` where that
                may pass.
        """
        path = data_dir / FILE
        self._retention = timedelta(days=retention_days)
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            opening = partial(_opened, path)
            self._connection = Connection(path, opening, stand_in=stand_in)
        except (sqlite3.Error, OSError) as error:
            raise refusal(error, path) from error
        self.inbox = Inbox(self._connection)
        self._owed = Owed(self._connection, self.inbox)
        self.profiles = Profiles(self._connection)
        self.queue = Queue(self._connection)
        self.reports = Reports(self._connection)
        self.requests = Requests(self._connection)
        self.corrections = Corrections(self._connection)
        self.tally = Tally(self._connection)
        self.drafts = Drafts(self._connection)
        self.uploads = Uploads(self._connection)
        self.staff = Staff(self._connection, owners)
        self.invitations = Invitations(self._connection, self.staff)
        self.deliveries = Deliveries(self._connection, self.inbox)
        self.given = Given(self._connection)
        self.follows = Follows(self._connection, self.deliveries, self.given)
        self.notices = Notices(self._connection)
        self.lengths = Lengths(self._connection)
        self._owed.write(Changes((self.staff.appoint_owners,)), or_owe=True)

    # ------------------------------------------------------------------------------------------------- without the file

    @property
    def writable(self) -> bool:
        """Whether what people want saved can be saved, as far as is known."""
        return self._connection.outage is None

    @property
    def outage(self) -> Outage | None:
        """What is wrong, and since when, while it cannot."""
        return self._connection.outage

    def failed(self, error: BaseException | None) -> bool:
        """Whether an error means that people.db cannot be used; it is then done without until :meth:`recover`."""
        return self._connection.failed(error)

    def in_place(self) -> bool:
        """Whether people.db is still the file that was opened; where it was moved away or replaced, it is done without from now
        on, until it is back. A look takes some microseconds."""
        return self._connection.in_place()

    def refuse(self, effect: Effect) -> None:
        """Before somebody is told that something is done: whether it can be. What has begun for good goes on.

        Raises:
            Unsaved: people.db cannot be written at the moment.
        """
        if not COMMITTED.get():
            self._connection.refuse(effect)

    def must_be_writable(self) -> None:
        """Before something else than people.db is changed to which a change of people.db belongs.

        Raises:
            Unsaved: people.db cannot be written at the moment.
        """
        if self.outage:
            raise Unsaved(self.outage.reason)

    def recover(self, *, at_last: bool = False) -> bool:
        """Use the file again where that is possible by now, and write down what waits for it; whether it is in use.
        ``at_last``: no other try comes."""
        outage = self._connection.outage
        if self._connection.recovered(at_last=at_last) and outage:
            self._owed.write_down()
        return self.writable

    # ------------------------------------------------------------------------------------------------------- all of it

    def finish(self, update_id: int, outcome: str, effects: Iterable[Effect] = ()) -> None:
        """Mark an update as handled, together with all that it changed: both or neither. Where the file fails just then, what
        somebody was told already is written when it can be used again; until then the file has the update as unhandled.
        """
        self._owed.end(update_id, outcome, tuple(effects))

    def apply(self, *effects: Effect) -> None:
        """Make changes at once, in one transaction. Where the file fails, those that belong to something that is done already
        are made when it can be used again.

        Raises:
            Unsaved: people.db cannot be written at the moment; nothing was changed.
        """
        self._owed.write(Changes(effects), or_owe=COMMITTED.get())

    def forget(self, user_id: int) -> None:
        """Everything held about a person goes, their role too, and every message of theirs but what is being handled now."""
        for table, column in (
            ("people", "user_id"),
            ("waiting", "user_id"),
            ("conversations", "user_id"),
            ("replies", "chat_id"),
            ("once", "chat_id"),
        ):
            self._connection.execute(f"delete from {table} where {column} = ?", (user_id,))
        self.reports.forget(user_id)
        self.requests.forget(user_id)
        self.corrections.forget(user_id)
        self.drafts.drop_all(user_id)
        self.follows.forget(user_id)
        self.notices.forget(user_id)
        self.staff.forget(user_id)

    def unreachable(self, user_id: int) -> None:
        """A person has blocked the bot, or is there no more: they follow nothing any more, and nothing waits for them."""
        self.profiles.set_unreachable(user_id, True)
        self.follows.unreachable(user_id)

    def expire(self, now: float | None = None) -> None:
        """Forget what is older than it may become; nothing while the file cannot be used."""
        if not self.writable:
            return
        now = moment.surely() if now is None else now
        day = (datetime.fromtimestamp(now, UTC) - self._retention).date().isoformat()
        with self._connection as c:
            for table in ("questions", "reports", "waiting", "tally", "given"):
                c.execute(f"delete from {table} where day < ?", (day,))
            c.execute("delete from replies where sent_at < ?", (now - EDIT_SECONDS,))
            c.execute("delete from once where at < ?", (now - EDIT_SECONDS,))
            c.execute("delete from conversations where at < ?", (now - EDIT_SECONDS,))
            self.requests.expire(day)
            self.corrections.expire(day)
            self.drafts.expire(now)
            self.notices.expire(now - self._retention.total_seconds(), now - EDIT_SECONDS)
            self.deliveries.set_right()
            c.execute("delete from inbox where outcome is not null and received_at < ?", (now - EDIT_SECONDS,))
            c.execute(
                "delete from inbox where outcome is not null and update_id not in "
                "(select update_id from inbox order by received_at desc, update_id desc limit ?)",
                (MAX_LEDGER,),
            )

    def migrate_chat(self, old: int, new: int) -> None:
        """A group became a supergroup: what is remembered of it moves along."""
        for table in ("conversations", "replies", "once"):
            self._connection.execute(f"update or replace {table} set chat_id = ? where chat_id = ?", (new, old))

    def setting(self, key: str) -> str | None:
        """A value the bot keeps for itself, such as the hash of the menus it sent."""
        row = self._connection.execute("select value from settings where key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_setting(self, key: str, value: str) -> None:
        """Keep such a value."""
        self._connection.execute("insert or replace into settings (key, value) values (?, ?)", (key, value))

    def settings(self, prefix: str) -> dict[str, str]:
        """All values whose keys begin so."""
        rows = self._connection.execute(
            "select key, value from settings where substr(key, 1, ?) = ?", (len(prefix), prefix)
        )
        return dict(rows.fetchall())

    def drop_setting(self, key: str) -> None:
        """Forget such a value."""
        self._connection.execute("delete from settings where key = ?", (key,))

    def drop_settings(self, prefix: str) -> None:
        """Forget all values whose keys begin so."""
        self._connection.execute("delete from settings where substr(key, 1, ?) = ?", (len(prefix), prefix))

    def close(self) -> None:
        """Close the file; the write-ahead log is folded in. What memory kept is written down first, where that is possible."""
        if not self.recover(at_last=True):
            log.error("people.db could not be written to the end", **self._connection.kept(), owed=len(self._owed))
        self._connection.close()
