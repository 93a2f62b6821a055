"""Making a backup while the bot answers: both databases as they stood at one moment, in one file that is whole or not there."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from typing import Final

from handlers.settings import Settings
from knowledge import copying, store

from . import archive, holding, naming
from .manifest import KINDS, BackupError, Manifest, NotNowError, described

FOLDER: Final = "backups"
"""Where in DATA_DIR backups are, unless BACKUP_DIR says otherwise."""
UNFINISHED: Final = ".making-"
"""Beginning of the names of folders in which a backup is being made."""
ABANDONED_SECONDS: Final = 86_400
"""After a day such a folder is what a kill left: none takes longer than minutes."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    path: Path
    manifest: Manifest
    size: int
    """Bytes."""
    seconds: float
    left: str = ""
    """Says in one line why older ones could not be removed, where that is so."""


def folder_of(settings: Settings) -> Path:
    """Where the backups of a DATA_DIR are."""
    return settings.backup_dir or settings.data_dir / FOLDER


def make(
    data_dir: Path, folder: Path, purpose: naming.Purpose, keep: int | None = None, now: datetime | None = None
) -> Made:
    """Back up a DATA_DIR into a folder, and remove the oldest of that purpose until ``keep`` are left; without it none.
    ``now``: what it is named after.

    The folder is made for this user alone, and so is the file: people.db holds personal data.

    Raises:
        BackupError: no backup was made; those that are there are as they were. A :class:`NotNowError` where the disk or another
            process is in the way.
    """
    started, now = time.monotonic(), now or datetime.now(UTC)
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            holding.hand_over(folder, folder.parent)
        _clear(folder)
        if purpose == "tanya":
            _refuse_less(data_dir, folder)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=folder) as working:
            beside, path = Path(working), naming.free(folder, purpose, now)
            _copy(data_dir, beside)
            manifest = described(beside, now)
            archive.pack(beside, manifest, beside / path.name)
            size = (beside / path.name).stat().st_size
            holding.hand_over(beside / path.name, folder)
            copying.replace(beside / path.name, path)
    except (OSError, sqlite3.Error) as error:
        kind = BackupError if isinstance(error, store.NO_FOLDER) else NotNowError
        raise kind(
            f"The backup of {data_dir} into {folder} could not be made ({reason_of(error)}). Make room there, or name another "
            "folder; older backups are as they were."
        ) from error
    return Made(path, manifest, size, time.monotonic() - started, _rotated(folder, purpose, keep, path))


def _refuse_less(data_dir: Path, folder: Path) -> None:
    """Raise BackupError where a database is gone that the newest backup has: each night without it would drive out a good one."""
    for _, newest in naming.backups(folder, "tanya")[-1:]:
        try:
            had = archive.manifest_of(newest).there
        except BackupError:
            continue  # It is damaged, and tells nothing.
        for name in had:
            if not (data_dir / name).exists():
                raise BackupError(
                    f"{data_dir / name} is missing, which {newest.name} has: no backup was made. Put it back, or restore that "
                    "backup: bot.py restore FILE."
                )


def reason_of(error: Exception) -> str:
    """What the disk or SQLite says, in a few words."""
    return getattr(error, "strerror", None) or str(error)


def _rotated(folder: Path, purpose: naming.Purpose, keep: int | None, newest: Path) -> str:
    try:
        if keep is not None:
            naming.rotate(folder, purpose, keep, newest)
    except OSError as error:
        return f"Older backups in {folder} could not be removed ({reason_of(error)}); the next one tries again."
    return ""


def _copy(data_dir: Path, folder: Path) -> None:
    """Copy the databases as they stand at one moment: while both are looked at, nobody changes the knowledge. What people.db
    says of changes is then in knowledge.db, and who made them is in people.db."""
    there = [name for name in KINDS if (data_dir / name).exists()]
    if not there:
        raise BackupError(f"There is nothing to back up in {data_dir}: no {' and no '.join(KINDS)}. Set DATA_DIR.")
    seen = {}
    with ExitStack() as snapshots:
        with ExitStack() as quiet:
            if store.FILE in there:
                with _naming(data_dir / store.FILE):
                    quiet.enter_context(copying.unchanging(data_dir / store.FILE))
            for name in there:
                with _naming(data_dir / name):
                    seen[name] = snapshots.enter_context(copying.snapshot(data_dir / name))
        for name, snapshot in seen.items():
            with _naming(data_dir / name):
                copying.write(snapshot, folder / name)
                copying.verify(folder / name)


@contextmanager
def _naming(source: Path) -> Iterator[None]:
    """Where a database or its copy turns out to be damaged, it is said which file that is."""
    try:
        yield
    except sqlite3.OperationalError:
        raise  # It is locked, or the disk is full.
    except (copying.DamagedError, sqlite3.DatabaseError):
        raise BackupError(
            f"{source} is damaged: no backup was made of it. Stop the bot and restore the last one: bot.py restore FILE."
        ) from None


def _clear(folder: Path) -> None:
    """Remove what a kill left behind."""
    for left in folder.glob(f"{UNFINISHED}*"):
        if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
            rmtree(left, ignore_errors=True)
