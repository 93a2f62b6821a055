"""Restoring: the databases are put into a folder beside, verified, and then take the place of the old ones.

From the moment the folder is complete, a kill changes nothing any more: whatever starts next on that DATA_DIR goes on where it
ended. Before that moment nothing is changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import disk_usage, rmtree
from stat import S_IMODE
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

from knowledge import copying, prepared, store

from . import archive, holding, making, naming
from .manifest import KINDS, BackupError, Manifest, NotNowError
from .naming import READY, STAGE

ASIDE: Final = "damaged-"
"""Beginning of the names of folders in DATA_DIR for databases that were damaged, kept as they were."""


class Restoring:
    """A backup that is verified and waits to take the place of what is in a DATA_DIR."""

    def __init__(self, data_dir: Path, manifest: Manifest) -> None:
        self._data_dir = data_dir
        self.manifest = manifest
        """What will be there."""
        self.replaces = [name for name in manifest.there if (data_dir / name).exists()]
        """Names of the files that go."""
        self.stays = [name for name in KINDS if name not in manifest.there and (data_dir / name).exists()]
        """Names of the files that the backup does not hold."""
        self.left = ""
        """Says in one line why backups from before older restores could not be removed, where that is so."""

    def take_place(self, backups: Path) -> Path | None:
        """Replace the databases, after a backup of what was there into ``backups``, or, where that is damaged, keeping it as
        it is in a folder. Returns where it is kept; None where nothing was there.

        Raises:
            BackupError: what is there cannot be kept; nothing was changed.
            OSError: the disk refuses; what starts next goes on, or nothing was changed.
        """
        stage, kept, aside = self._data_dir / STAGE, None, ""
        if self.replaces and _sound(self._data_dir):
            made = making.make(self._data_dir, backups, "before-restore", naming.BEFORE_KEPT)
            kept, self.left = made.path, made.left
        elif self.replaces:
            aside = f"{ASIDE}{naming.stamp(datetime.now(UTC))}"
            kept = self._data_dir / aside
        writing = stage / f"{READY}.part"
        writing.write_text(aside, encoding="utf-8")
        copying.replace(writing, stage / READY)
        _go_on(self._data_dir)
        return kept


@contextmanager
def prepared_for(data_dir: Path, backup: Path) -> Iterator[Restoring]:
    """A backup, verified and ready to take the place of what is in a DATA_DIR, which nobody else uses until the block ends.

    Raises:
        InUseError: a bot or another command runs there.
        BackupError, DatabaseError: the backup cannot be restored; nothing was changed.
    """
    stage = data_dir / STAGE
    with _said(backup, data_dir):
        data_dir.mkdir(parents=True, exist_ok=True)
        with holding.held(data_dir, "alone", wait=0):
            _go_on(data_dir)
            stage.mkdir(mode=0o700)
            try:
                manifest = _unpacked(backup, stage)
                yield Restoring(data_dir, manifest)
            finally:
                if not (stage / READY).exists():
                    rmtree(stage, ignore_errors=True)


def checked(backup: Path) -> Manifest:
    """What is in a backup, after reading all of it.

    Raises:
        BackupError, DatabaseError: it could not be restored.
    """
    with _said(backup, Path(gettempdir())), TemporaryDirectory() as folder:
        return _unpacked(backup, Path(folder))


def go_on(data_dir: Path) -> bool:
    """Go on with a restore that was killed, or remove what it left where it had not got so far that it counts; whether it had.

    Raises:
        InUseError: another process uses the folder.
        BackupError: the disk refuses.
    """
    with _said(data_dir / STAGE, data_dir), holding.held(data_dir, "alone"):
        return _go_on(data_dir)


def _go_on(data_dir: Path) -> bool:
    """Let the databases of a complete stage take their place, from wherever that was interrupted; an incomplete stage goes."""
    stage = data_dir / STAGE
    ready = (stage / READY).exists()
    if ready:
        aside = (stage / READY).read_text(encoding="utf-8")
        for name in KINDS:
            if (stage / name).exists():
                _for_its_user(stage / name, data_dir)
                _make_way(data_dir / name, data_dir / aside if aside else None)
                copying.replace(stage / name, data_dir / name)
        # What is derived from the databases is made again.
        (data_dir / prepared.FILE).unlink(missing_ok=True)
        (stage / READY).unlink()
    rmtree(stage, ignore_errors=True)
    return ready


def _for_its_user(file: Path, data_dir: Path) -> None:
    """Let the user of the folder alone use a database, whoever restores it; others go on to read knowledge.db where they may."""
    holding.hand_over(file, data_dir)
    there = data_dir / file.name
    others = file.name == store.FILE and there.exists()
    file.chmod(S_IMODE(there.stat().st_mode) if others else 0o600)


def _make_way(path: Path, aside: Path | None) -> None:
    """Remove what SQLite keeps beside a database, or put all of it aside as it is. A log that stayed would be played into the
    database that comes."""
    beside = [path.with_name(path.name + ending) for ending in copying.BESIDE]
    if aside is None:
        for file in beside:
            file.unlink(missing_ok=True)
        return
    aside.mkdir(mode=0o700, exist_ok=True)
    holding.hand_over(aside, path.parent)
    for file in (path, *beside):
        if file.exists():
            file.replace(aside / file.name)
    copying.flush(aside)


@contextmanager
def _said(backup: Path, folder: Path) -> Iterator[None]:
    """What the disk refuses is one line as well."""
    try:
        yield
    except BrokenPipeError:
        raise  # Of whoever reads what is printed meanwhile.
    except (OSError, sqlite3.Error) as error:
        raise NotNowError(f"{backup} cannot be restored into {folder} ({making.reason_of(error)}).") from error


def _unpacked(backup: Path, folder: Path) -> Manifest:
    free = disk_usage(folder).free
    size = archive.unpacked_size(backup)
    if size > free:
        raise BackupError(
            f"{backup} needs {size // 2**20 + 1} MB in {folder.parent}, where {free // 2**20} MB are free. Make room there first."
        )
    return archive.unpack(backup, folder)


def _sound(data_dir: Path) -> bool:
    try:
        for name in KINDS:
            if (data_dir / name).exists():
                if copying.application(data_dir / name) != KINDS[name].application:
                    return False
                copying.verify(data_dir / name)
    except copying.DamagedError:
        return False
    return True
