"""A backup is one zip file: the databases as they stood at one moment, and a manifest that says what they are.

Whatever is in the file, reading it ends in a verified folder or in one line that says what is wrong.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from knowledge import copying
from knowledge.migrations import refuse_newer

from .manifest import FORMAT, KINDS, BackupError, Content, Manifest, described

MANIFEST: Final = "manifest.json"
MAX_MANIFEST: Final = 1_000_000
"""Bytes: a hundred times what two databases need."""
_CHUNK: Final = 2**20


def pack(folder: Path, manifest: Manifest, target: Path) -> None:
    """Write the databases in a folder and their manifest into a new zip file, and read it back.

    Raises:
        OSError: it cannot be written.
        BackupError: what is read is not what was written.
    """
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(MANIFEST), manifest.model_dump_json(indent=1))
        for name, content in manifest.there.items():
            entry = _entry(name)
            entry.file_size = content.bytes
            with (folder / name).open("rb") as read, archive.open(entry, "w") as written:
                shutil.copyfileobj(read, written, _CHUNK)
    target.chmod(0o600)
    with closing(_opened(target)) as archive:
        for name, content in _manifest(archive, target).there.items():
            _read(archive, name, content, target, Path(os.devnull))


def _entry(name: str) -> zipfile.ZipInfo:
    """A file in a backup: for this user alone wherever it is unpacked, and without its time. A zip knows none before 1980, where
    a machine begins whose clock has not been set."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


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
        refuse_newer(content.migrations, KINDS[name].steps, backup)
    return manifest


def manifest_of(backup: Path) -> Manifest:
    """What a backup says of itself; whether that is so is not looked at.

    Raises:
        BackupError: it is none, or damaged.
        OSError: it cannot be read.
    """
    with closing(_opened(backup)) as archive:
        return _manifest(archive, backup)


def unpacked_size(backup: Path) -> int:
    """Bytes that a backup takes when unpacked, as it says itself.

    Raises:
        BackupError: it is none.
        OSError: it cannot be read.
    """
    if any(copying.application(backup) == kind.application for kind in KINDS.values()):
        return backup.stat().st_size
    return sum(content.bytes for content in manifest_of(backup).there.values())


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
