"""What a backup says of itself: which databases are in it, as they were."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from pydantic import BaseModel, Field
from sqlite_utils import Migrations

from handlers.people import database as people
from handlers.people.migrations import migrations as people_steps
from knowledge import copying, store
from knowledge.errors import KnowledgeError
from knowledge.migrations import migrations as knowledge_steps
from knowledge.migrations import refuse_newer as refuse_newer_steps

FORMAT: Final = 1
"""Raised whenever an older bot could not restore what a newer one makes."""
MAX_FILE: Final = 4 * 2**30
"""Bytes of one database, unpacked: forty times people.db with 200,000 updates. What claims more is meant to fill a disk."""


class Kind(NamedTuple):
    """A database of the bot."""

    application: int
    """Stands in its header."""
    steps: Migrations


KINDS: Final = {
    store.FILE: Kind(store.APPLICATION_ID, knowledge_steps),
    people.FILE: Kind(people.APPLICATION_ID, people_steps),
}
"""By file name, in the order in which they are opened and put in place. All else in DATA_DIR is made anew from these."""


class BackupError(KnowledgeError):
    """A backup cannot be made or restored. The message says in one line why, and what to do."""


class NotNowError(BackupError):
    """The disk refuses, or another process is in the way."""

    passes = True


class Content(BaseModel):
    """One database of a backup."""

    bytes: Annotated[int, Field(ge=1, le=MAX_FILE)]
    sha256: str
    application_id: int
    migrations: list[str]
    """Steps of the schema that were applied, the newest last."""
    rows: dict[str, int]
    """Rows of each table."""


class Manifest(BaseModel):
    """What a backup says of itself."""

    format: int = FORMAT
    made_at: datetime
    edition: str
    """Of knowledge.db; empty where that is not in the backup."""
    files: dict[str, Content | None]
    """None of a database that there was not: people.db comes with the first start of `bot.py run`."""

    @property
    def there(self) -> dict[str, Content]:
        """The databases that are in the backup, in the order of ``KINDS``."""
        return {name: content for name in KINDS if (content := self.files.get(name))}


def described(folder: Path, made_at: datetime) -> Manifest:
    """The manifest of the databases in a folder, which are verified and which nobody writes into.

    Raises:
        BackupError: one is another program's.
        sqlite3.Error, OSError: one cannot be read.
    """
    files = {name: _content(folder / name) if (folder / name).exists() else None for name in KINDS}
    return Manifest(made_at=made_at, edition=_edition(folder / store.FILE), files=files)


def _content(path: Path) -> Content:
    if copying.application(path) != KINDS[path.name].application:
        raise BackupError(f"{path} is no database of this bot. Choose another file.")
    with copying.snapshot(path) as c:
        tables = [name for (name,) in c.execute("select name from sqlite_master where type = 'table' order by name")]
        rows = {name: c.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables}
        applied = _applied(c)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Content(
        bytes=path.stat().st_size, sha256=digest, application_id=KINDS[path.name].application, migrations=applied,
        rows=rows,
    )  # fmt: skip


def refuse_newer(folder: Path) -> None:
    """Raise DatabaseError where a newer version of the bot wrote one of the databases in a folder, as far as they can be read."""
    for name, kind in KINDS.items():
        with suppress(sqlite3.Error):  # Of which whoever opens it tells.
            if (folder / name).exists():
                with copying.snapshot(folder / name) as connection:
                    refuse_newer_steps(_applied(connection), kind.steps, folder / name)


def _applied(connection: sqlite3.Connection) -> list[str]:
    """The steps of the schema that were applied to a database."""
    if not connection.execute("select 1 from sqlite_master where name = '_sqlite_migrations'").fetchone():
        return []
    return [name for (name,) in connection.execute("select name from _sqlite_migrations order by rowid")]


def _edition(path: Path) -> str:
    if not path.exists():
        return ""
    with copying.snapshot(path) as c:
        if not c.execute("select 1 from sqlite_master where name = 'about'").fetchone():
            return ""
        return str((c.execute("select value from about where key = 'edition'").fetchone() or ("",))[0])
