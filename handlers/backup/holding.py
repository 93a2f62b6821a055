"""Who uses a DATA_DIR: one running bot at a time, beside it any number of commands, and nobody at all while it is restored.

Held as SQLite's own locks on an empty file: the operating system lets go of them with the process, however that ends.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

from knowledge import store
from knowledge.errors import UnavailableError

FILE: Final = "lock"
WAIT_SECONDS: Final = 10.0
"""How long another is waited for: a bot that was told to stop ends within that."""

How = Literal["beside", "as the bot", "alone"]
_BEGIN: Final[dict[How, str]] = {"beside": "begin", "as the bot": "begin immediate", "alone": "begin exclusive"}


class InUseError(UnavailableError):
    """Another process uses the folder."""


@contextmanager
def held(data_dir: Path, how: How, *, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Use a folder until the block ends: beside others, as the bot that runs on it, or alone.

    Where the folder cannot be written there is no lock, nor anything that could be put into it meanwhile.

    Raises:
        InUseError: another process uses it in a way that does not go together with that.
    """
    with ExitStack() as stack:
        try:
            lock = sqlite3.connect(data_dir / FILE, timeout=wait, isolation_level=None)
            stack.enter_context(closing(lock))
            lock.execute("pragma journal_mode = off")
            lock.execute(_BEGIN[how])
            lock.execute("select count(*) from sqlite_master").fetchone()
            with suppress(OSError):
                hand_over(data_dir / FILE, data_dir)
        except sqlite3.OperationalError as error:
            if store.result_code(error) == sqlite3.SQLITE_BUSY:
                raise InUseError(_REFUSALS[how].format(folder=data_dir)) from error
        yield


def bot_runs(data_dir: Path) -> bool:
    """Whether a bot runs on a folder, which this process uses beside others."""
    try:
        with held(data_dir, "as the bot", wait=0):
            return False
    except InUseError:
        return True


def hand_over(path: Path, folder: Path) -> None:
    """Give what root has made to the user whose folder it is for, who could not use it otherwise. Anybody else makes it for
    themselves.

    Raises:
        OSError: the disk refuses.
    """
    owner = folder.stat()
    if hasattr(os, "geteuid") and os.geteuid() == 0 and path.stat().st_uid != owner.st_uid:
        os.chown(path, owner.st_uid, owner.st_gid)


_REFUSALS: Final[dict[How, str]] = {
    "beside": "{folder} is being restored. Try again when that is done.",
    "as the bot": "{folder} is in use: another bot runs on it, or it is being restored. End that first.",
    "alone": "{folder} is in use: a bot or another command runs on it. Stop it first, then restore.",
}
