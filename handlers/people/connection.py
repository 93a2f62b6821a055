"""The connection that all parts of people.db share: to the file, or, while that cannot be used, to a copy in memory.

What mere answering writes (which updates were handled, what was said, where a conversation stands) is kept in the copy, and
written down when the file can be used again. Everything else is refused, so that nobody is told that something was saved that
was not; what belongs to something that is done already is owed (see :mod:`.owed`).
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import structlog

from .reasons import DAMAGED, GONE, LOCKED, advice, code_of, damaged, file_at, gone, unusable
from .standin import StandIn, refused

BUSY_MILLISECONDS: Final = 250
"""How long a running bot waits for another process that writes: what the command line writes takes a few milliseconds, and
all answers wait meanwhile."""
START_SECONDS: Final = 5.0
"""How long another process is waited for at the start: one that brings the file up to date takes a second or two."""
ROOM: Final = 8_000_000
"""Bytes that must be free on a disk that was full before it is used again: twice what the write-ahead log may keep, so that it
is not full again at once."""

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Unsaved(sqlite3.OperationalError):
    """people.db cannot be written at the moment: what was to be changed is as it was."""


@dataclass(slots=True)
class Outage:
    """A time in which the file cannot be used."""

    reason: str
    """What is wrong and what to do, in one line."""
    code: int
    """SQLite's result code (see :func:`.reasons.code_of`)."""
    began: float = field(default_factory=time.monotonic)
    """Seconds of a steady clock."""

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return time.monotonic() - self.began


class Connection:
    """Passes on to the file, or to what stands in for it, what the parts of people.db need of a connection."""

    def __init__(self, path: Path, opening: Callable[[float], sqlite3.Connection], *, stand_in: bool = False) -> None:
        """``opening`` opens the file; it gets the seconds that it may wait for another process. ``stand_in``: do without the
        file where it cannot be used now, and wait for nobody later; else that is an error.

        Raises:
            sqlite3.Error: the file cannot be opened, or is damaged.
        """
        self._path = path
        self._opening = opening
        self._stand_in = stand_in
        self._blocks = 0
        """How deep within each other the blocks are in which this connection is used now; the outermost is a transaction."""
        self.outage: Outage | None = None
        self._file = file_at(path)
        """Which file is used; None until there is one."""
        self._used: sqlite3.Connection
        try:
            self._used = self._opened(START_SECONDS)
        except Exception as error:
            if not stand_in or not unusable(error) or damaged(error):
                raise
            self._begin(error)

    def _opened(self, wait: float) -> sqlite3.Connection:
        file = self._opening(wait)
        if self._stand_in:
            file.execute(f"pragma busy_timeout = {BUSY_MILLISECONDS}")
        self._file = file_at(self._path)
        return file

    # -------------------------------------------------------------------------------------- what a connection is used for

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """As of any connection.

        Raises:
            Unsaved: the file cannot be used, and what was to be written must not be kept in memory.
            sqlite3.Error: as of any connection; within a transaction, of the file too.
        """
        return self._done(lambda: self._used.execute(sql, parameters))

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        """The same for several rows."""
        rows = list(parameters)
        return self._done(lambda: self._used.executemany(sql, rows))

    def _done(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except sqlite3.DatabaseError as error:
            if self.outage and refused(error):
                raise Unsaved(self.outage.reason) from error
            # What came before it in a transaction is not in memory: all of that fails.
            if self._blocks or self._used.in_transaction or not self.failed(error):
                raise
        return self._done(act)

    def __enter__(self) -> Self:
        self._blocks += 1
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        """Commit, or take back what was not committed; within another block, leave both to that one.

        Raises:
            Unsaved: the file failed; nothing was changed.
        """
        self._blocks -= 1
        if self._blocks:
            return
        try:
            self._used.__exit__(kind, error, trace)
        except sqlite3.Error as failed:
            error = failed
            if not self.failed(error):
                raise
        else:
            if isinstance(error, Unsaved) or not self.failed(error):
                return
        assert self.outage is not None
        raise Unsaved(self.outage.reason) from error

    def close(self) -> None:
        """Close the file; the write-ahead log is folded in. What memory keeps is lost."""
        self._used.close()

    # ------------------------------------------------------------------------------------------------- without the file

    def transact(self, act: Callable[[], T]) -> T:
        """Do something in one transaction; where the file fails in it, once more in memory.

        Raises:
            Unsaved: it must not be kept in memory.
        """
        if self.outage is None:
            try:
                with self:
                    return act()
            except Unsaved:
                pass
        with self:
            return act()

    def refuse(self, effect: Callable[[], object]) -> None:
        """Find out whether something could be written now, and take it back. While the file is in use, it is not tried.

        Raises:
            Unsaved: it must not be kept in memory.
        """
        if self.outage:
            assert not self._blocks, "what the transaction has changed would be taken back too"
            self._blocks = 1  # Whatever block the effect has is within this one, which commits nothing.
            try:
                effect()
            finally:
                self._blocks = 0
                self._used.rollback()

    def failed(self, error: BaseException | None) -> bool:
        """Whether an error says that the file cannot be used; where it is in use, it is done without from now on."""
        if isinstance(error, Unsaved):
            return True
        if not self._stand_in or not unusable(error):
            return False
        if not self.outage and self.in_place():
            with suppress(sqlite3.Error):
                self._used.close()
            self._begin(error)
        return True

    def in_place(self) -> bool:
        """Whether the file in use is still the one at its path: what is written into one that was moved away, or removed, is
        seen by nobody. Where it is not, it is done without from now on."""
        if not self._stand_in or self._file is None or file_at(self._path) == self._file:
            return True
        if self.outage is None:
            self._begin(gone(), self._used)
        elif self.outage.code != GONE:  # It began otherwise.
            self._tell(gone())
        return False

    def _begin(self, error: BaseException | None, source: sqlite3.Connection | None = None) -> None:
        """``source``: what is still open of a file that is not at its path any more."""
        self._tell(error)
        self._used = StandIn(self._path, source)
        if source:
            with suppress(sqlite3.Error):
                source.close()

    def _tell(self, error: BaseException | None) -> None:
        code = code_of(error)
        reason = f"{advice(error, self._path)}. Until then questions are answered from memory and nothing is saved"
        self.outage = Outage(reason, code, self.outage.began) if self.outage else Outage(reason, code)
        # That somebody else writes for a moment is in the nature of the file: a backup does, or the command line.
        tell = log.warning if code in LOCKED else log.error
        tell("people.db cannot be used", error=str(error), detail=self.outage.reason)

    def recovered(self, *, at_last: bool = False) -> bool:
        """Whether the file is in use, once it has been tried to use it again and to write down what memory kept. Waits for
        nobody, and not for the disk's last bytes either, but ``at_last``, where no other try comes."""
        if self.outage is None:
            return self.in_place()
        assert isinstance(self._used, StandIn)
        self._used.trim()
        wait = START_SECONDS if at_last else 0.0
        with ExitStack() as stack:
            try:
                full = self.outage.code == sqlite3.SQLITE_FULL and shutil.disk_usage(self._path.parent).free < ROOM
                if not self.in_place() or (full and not at_last):
                    return False
                file = stack.enter_context(closing(self._opened(wait)))
                if self.outage.code in (*DAMAGED, GONE) and file.execute("pragma quick_check(1)").fetchone() != ("ok",):
                    return False
                self._used.write_down(wait)
            except Exception as error:
                # Whatever it is, answers go on from memory, and the next try comes soon.
                log.debug("people.db still cannot be used", error=type(error).__name__)
                return False
            stack.pop_all()  # From here on the file stays open.
        self._used.close()
        log.info("people.db is in use again", after_seconds=round(self.outage.seconds))
        self._used, self.outage = file, None
        return True

    def kept(self) -> dict[str, int]:
        """How much of what was written memory alone holds, by kind."""
        return self._used.kept() if isinstance(self._used, StandIn) else {}
