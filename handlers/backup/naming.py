"""The names of backups tell what they are for and when they were made; by them the oldest go."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

Purpose = Literal["tanya", "before-upgrade", "before-restore"]
"""What a backup was made for: to be kept by the day, or before something changed it all."""
BEFORE_KEPT: Final = 5
"""Backups kept of those made before an upgrade, and as many before a restore: one that fails and is tried again a few times
does not drive out the one of before."""
BEFORE_DAYS: Final = 90
"""Days after which those go as well: by then nobody takes an upgrade back, and whoever was deleted since is still in them."""
STAGE: Final = ".restoring"
"""Folder in DATA_DIR in which databases that are restored wait to take their place."""
READY: Final = "ready"
"""File in it that says that they are complete; its text is the folder for those they replace, where these are damaged."""
_STAMP: Final = "%Y-%m-%dT%H%M%SZ"
_NAME: Final = re.compile(r"(tanya|before-upgrade|before-restore)-(\d{4}-\d\d-\d\dT\d{6}Z)(-\d+)?\.zip", re.ASCII)


def stamp(moment: datetime) -> str:
    """A moment as it stands in names, in UTC."""
    return moment.astimezone(UTC).strftime(_STAMP)


def free(folder: Path, purpose: Purpose, moment: datetime) -> Path:
    """A name in the folder that no other backup has."""
    name = f"{purpose}-{stamp(moment)}"
    number = 1
    while (path := folder / (f"{name}.zip" if number == 1 else f"{name}-{number}.zip")).exists():
        number += 1
    return path


def backups(folder: Path, purpose: Purpose) -> list[tuple[datetime, Path]]:
    """The backups of one purpose in a folder, and when they were made, the oldest first. Files with other names are no
    backups of the bot.

    Raises:
        OSError: the folder cannot be read.
    """
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        name = _NAME.fullmatch(path.name)
        if name and name[1] == purpose:
            found.append((name[2], int((name[3] or "-1")[1:]), path))
    return [(datetime.strptime(at, _STAMP).replace(tzinfo=UTC), path) for at, _, path in sorted(found)]


def rotate(folder: Path, purpose: Purpose, keep: int, newest: Path | None = None) -> list[Path]:
    """Remove the oldest backups of one purpose until ``keep`` are left; what was removed. ``newest`` is the one that was made
    and verified last, where that is known: it stays whatever the clock says.

    Raises:
        OSError: one cannot be removed.
    """
    there = [path for _, path in backups(folder, purpose)]
    others = [path for path in there if path != newest]
    gone = others[: max(0, len(there) - keep)]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def expire(folder: Path, now: datetime) -> list[Path]:
    """Remove the backups from before an upgrade or a restore that are older than ``BEFORE_DAYS``; what was removed.

    Raises:
        OSError: one cannot be removed.
    """
    purposes: tuple[Purpose, ...] = ("before-upgrade", "before-restore")
    gone = [
        path for purpose in purposes for at, path in backups(folder, purpose) if now - at > timedelta(days=BEFORE_DAYS)
    ]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone
