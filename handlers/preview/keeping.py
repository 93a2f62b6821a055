"""telegram.db: what was said on the page, so that a restart of the server finds it again and old buttons work."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import time
from pathlib import Path
from typing import Final

import structlog
from sqlite_utils import Database, Migrations

from handlers.fake_telegram import Event, FakeTelegram, memory
from knowledge import store
from knowledge.errors import DatabaseError
from knowledge.migrations import opened

FILE: Final = "telegram.db"
APPLICATION_ID: Final = 0x54313032
"""Written into the file's header ("T102"), so that a stray database is not taken for ours."""

log = structlog.get_logger(__name__)

migrations = Migrations("telegram")


@migrations()
def m001_messages_files_state(db: Database) -> None:
    """Messages as the Bot API tells them, the content of files, and everything else as one JSON object."""
    db.table("messages").create(
        {"chat_id": int, "message_id": int, "body": str}, pk=("chat_id", "message_id"), not_null={"body"}, strict=True
    )
    db.table("files").create(
        {"file_id": str, "path": str, "content": bytes, "number": int},
        pk="file_id", not_null={"path", "content", "number"}, strict=True,
    )  # fmt: skip
    db.table("state").create({"id": int, "body": str}, pk="id", not_null={"body"}, strict=True)


class Keeping:
    """Keeps what a fake Telegram holds, event by event. The file is this process's alone while it is open."""

    def __init__(self, folder: Path, telegram: FakeTelegram) -> None:
        """Put back what was kept in the folder before, and keep everything from now on.

        Raises:
            DatabaseError: the file cannot be used, or another process uses it.
        """
        self._telegram = telegram
        self._changes: list[Event] = []
        self.fresh = False
        """Whether nothing was kept before."""
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = opened(path, APPLICATION_ID, migrations, alone=True)
            try:
                self._restore()
            except BaseException:
                self._connection.close()
                raise
        except (sqlite3.OperationalError, OSError) as error:
            if store.result_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise DatabaseError(
                    f"{path} is in use: another preview runs on the same data. Open that one, or give this one a DATA_DIR "
                    "of its own."
                ) from error
            raise DatabaseError(
                f"{path} cannot be used ({error}). Set DATA_DIR to a folder that can be written."
            ) from error
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            raise DatabaseError(f"{path} is damaged ({error}). Delete it to begin the conversation anew.") from error
        telegram.watchers.append(self.keep)

    def keep(self, event: Event) -> None:
        """Write down what an event changed, together with all else of this moment: a message and the update that tells the
        bot of it, both or neither."""
        if event.kind == "action":
            return
        self._changes.append(event)
        if len(self._changes) == 1:
            with contextlib.suppress(
                RuntimeError
            ):  # Where no loop runs, all of it is one moment, which ends with close().
                asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Write what has not been written. Where that fails (a full disk), the page goes on without being kept."""
        changes, self._changes = self._changes, []
        if not changes:
            return
        try:
            with self._connection as c:
                for event in changes:
                    self._write(c, event)
                body = json.dumps(memory.state(self._telegram))
                c.execute("insert or replace into state (id, body) values (1, ?)", (body,))
        except sqlite3.Error as error:
            log.error("conversation not kept", error=str(error))

    def _write(self, c: sqlite3.Connection, event: Event) -> None:
        content = event.content
        if event.kind == "message":
            row = (content["chat"]["id"], content["message_id"], json.dumps(content))
            c.execute("insert or replace into messages (chat_id, message_id, body) values (?, ?, ?)", row)
        elif event.kind == "deleted":
            place = (content["chat"]["id"], content["message_id"])
            c.execute("delete from messages where chat_id = ? and message_id = ?", place)
        elif event.kind == "file" and content["file_id"] in self._telegram.files.content:
            files, name = self._telegram.files, content["file_id"]
            c.execute(
                "insert into files (file_id, path, content, number) values (?, ?, ?, ?)",
                (name, files.paths[name], files.content[name], int(name.rpartition("-")[2])),
            )
        elif event.kind == "file_gone":
            c.execute("delete from files where file_id = ?", (content["file_id"],))

    def close(self) -> None:
        """Write what is left, and let go of the file."""
        self.flush()
        self._connection.close()

    def _restore(self) -> None:
        kept = self._connection.execute("select body from state").fetchone()
        self.fresh = kept is None
        if self.fresh:
            # Numbers that people.db cannot know from a conversation that was thrown away: it would take the new updates
            # for repetitions.
            self._telegram.updates.next_id = self._telegram.next_number = now()
            for chat in self._telegram.chats.values():
                chat.next_id = now()
            return
        messages = self._connection.execute("select body from messages order by message_id")
        files = self._connection.execute("select file_id, path, content from files order by number")
        memory.restore(self._telegram, json.loads(kept[0]), (json.loads(body) for (body,) in messages), files)


def now() -> int:
    """Seconds since 1970: a number larger than any that was given out before."""
    return int(time.time())
