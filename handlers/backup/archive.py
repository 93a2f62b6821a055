"""A backup is one zip file: the databases as they stood at one moment, and a manifest that says what they are.

Whatever is in the file, reading it ends in a verified folder or in one line that says what is wrong.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
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
MANIFEST: Final = "manifest.json"
MAX_MANIFEST: Final = 1_000_000
"""Bytes: a hundred times what two databases need."""
MAX_FILE: Final = 4 * 2**30
"""Bytes of one database, unpacked: forty times people.db with 200,000 updates. What claims more is meant to fill a disk."""
_CHUNK: Final = 2**20


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
    """Raise DatabaseError where a newer version of the bot wrote one of the databases in a folder."""
    for name, kind in KINDS.items():
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


def pack(folder: Path, manifest: Manifest, target: Path) -> None:
    """Write the databases in a folder and their manifest into a new zip file, and read it back.

    Raises:
        OSError: it cannot be written.
        BackupError: what is read is not what was written.
    """
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
        for name in manifest.there:
            archive.write(folder / name, name)
    target.chmod(0o600)
    with closing(_opened(target)) as archive:
        for name, content in _manifest(archive, target).there.items():
            _read(archive, name, content, target, Path(os.devnull))


def unpack(backup: Path, folder: Path) -> Manifest:
    """Put what is to be restored into an empty folder, verified: a backup, or one database as `kb at` or Litestream make it.

    Raises:
        BackupError: it is neither, or damaged.
        DatabaseError: it was written by a newer version of the bot.
        OSError: it cannot be read, or the folder not be written.
    """
    bare = [name for name, kind in KINDS.items() if copying.application(backup) == kind.application]
    try:
        manifest = _copied(backup, folder, bare[0]) if bare else _unzipped(backup, folder)
    except (copying.DamagedError, sqlite3.DatabaseError):
        raise BackupError(f"{backup} is damaged. Choose another backup.") from None
    for name, content in manifest.there.items():
        refuse_newer_steps(content.migrations, KINDS[name].steps, backup)
    return manifest


def unpacked_size(backup: Path) -> int:
    """Bytes that a backup takes when unpacked, as it says itself.

    Raises:
        BackupError: it is none.
        OSError: it cannot be read.
    """
    if any(copying.application(backup) == kind.application for kind in KINDS.values()):
        return backup.stat().st_size
    with closing(_opened(backup)) as archive:
        return sum(content.bytes for content in _manifest(archive, backup).there.values())


def _copied(database: Path, folder: Path, name: str) -> Manifest:
    copying.copy(database, folder / name)
    return described(folder, datetime.fromtimestamp(database.stat().st_mtime, UTC))


def _unzipped(backup: Path, folder: Path) -> Manifest:
    with closing(_opened(backup)) as archive:
        manifest = _manifest(archive, backup)
        for name, content in manifest.there.items():
            _read(archive, name, content, backup, folder / name)
            copying.verify(folder / name)
    found = described(folder, manifest.made_at)
    if found.there != manifest.there:
        raise BackupError(f"{backup} is not what its manifest says. Choose another backup.")
    return found


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise BackupError(f"{path} is no backup of this bot, or only a part of one. Choose another file.") from None


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """The manifest, where the zip holds what that names and nothing else."""
    names = sorted(archive.namelist())
    if MANIFEST not in names:
        raise BackupError(f"{path} is no backup of this bot. Choose another file.")
    text = b"".join(_chunks(archive, MANIFEST, MAX_MANIFEST, path))
    try:
        said = json.loads(text)
        if isinstance(said, dict) and isinstance(said.get("format"), int) and said["format"] > FORMAT:
            raise BackupError(f"{path} was made by a newer version of the bot. Upgrade the bot, then restore it.")
        manifest = Manifest.model_validate(said)
    except (ValueError, RecursionError):
        raise BackupError(f"{path} is damaged: its manifest cannot be read. Choose another backup.") from None
    if not manifest.there or names != sorted((MANIFEST, *manifest.there)):
        raise BackupError(f"{path} holds something else than its manifest says. Choose another backup.")
    return manifest


def _read(archive: zipfile.ZipFile, name: str, content: Content, path: Path, target: Path) -> None:
    """Read one database into a file, and no more of it than the manifest says."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for chunk in _chunks(archive, name, content.bytes, path):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != content.sha256:
        raise BackupError(f"{path} is damaged: {name} is not what its manifest says. Choose another backup.")


def _chunks(archive: zipfile.ZipFile, name: str, most: int, path: Path) -> Iterator[bytes]:
    """The content of an entry, refused where there is more of it than may be."""
    read = 0
    try:
        with archive.open(name) as entry:
            while chunk := entry.read(_CHUNK):
                read += len(chunk)
                if read > most:
                    raise BackupError(f"{path} is damaged: there is more of {name} than its manifest says.")
                yield chunk
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, OSError) as error:
        raise BackupError(f"{path} is damaged: {name} cannot be read. Choose another backup.") from error
