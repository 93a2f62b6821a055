"""A DATA_DIR with something in every table, what harms it, what its databases hold, and `bot.py restore` into it."""

from __future__ import annotations

import atexit
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from click.testing import CliRunner, Result
from running import furnish

import bot as entry
from handlers.backup import naming
from handlers.people import People
from handlers.people.database import FILE as PEOPLE
from knowledge import prepared, store
from knowledge.errors import KnowledgeError
from knowledge.writer import Writer

FILES = (store.FILE, PEOPLE)
_VALUES = {"INTEGER": 7, "TEXT": "é 'x'\n", "BLOB": b"\0\xff", "REAL": 0.5}


def filled(folder: Path, *, shipped: bool = True) -> Path:
    """A people.db and the shipped knowledge, or without it small databases, with a row at least in every table of both."""
    if shipped:
        furnish(folder)
    Writer(folder).connection.close()
    People(folder).close()
    for name in FILES:
        with closing(sqlite3.connect(folder / name)) as c, c:
            for table in tables(c):
                if not c.execute(f'select count(*) from "{table}"').fetchone()[0]:
                    columns = c.execute(f'pragma table_info("{table}")').fetchall()
                    row = [_VALUES[column[2]] for column in columns]
                    c.execute(f'insert into "{table}" values ({", ".join("?" * len(row))})', row)
    return folder


@cache
def kept(*, shipped: bool = True) -> Path:
    """Such a folder, made once; whoever changes it takes a copy."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    filled(folder, shipped=shipped)
    (folder / prepared.FILE).touch()
    return folder


def change(folder: Path) -> None:
    """Something happens in both databases."""
    execute(folder / store.FILE, "insert into about (key, value) values ('later', 'later')")
    execute(folder / PEOPLE, "insert into settings (key, value) values ('later', 'later')")


def tables(connection: sqlite3.Connection) -> list[str]:
    """All tables of a database, SQLite's own left out."""
    rows = connection.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite!_%' escape '!'"
    )
    return [name for (name,) in rows]


def content(folder: Path) -> dict[str, list[str]]:
    """Everything in the databases of a folder, as SQL."""
    return {name: dump(folder / name) for name in FILES if (folder / name).exists()}


def dump(path: Path) -> list[str]:
    """All that a database holds, as SQL: its rows in their order, and its schema."""
    with closing(sqlite3.connect(path)) as c:
        lines = list(c.iterdump())
    rows = [line for line in lines if line.startswith("INSERT")]
    return rows + sorted(line for line in lines if not line.startswith("INSERT"))


def execute(path: Path, *statements: str) -> None:
    """Change a database from outside."""
    with closing(sqlite3.connect(path)) as c, c:
        for statement in statements:
            c.execute(statement)


def damaged(path: Path) -> None:
    """Overwrite pages in the middle of a database."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xaa" * 4096 * 8)


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names(folder: Path) -> list[str]:
    """All files in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def one_line(error: BaseException | None) -> str:
    """A message of ours that is one line and ends like a sentence."""
    assert isinstance(error, KnowledgeError), error
    message = str(error)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def restore(file: Path, data: Path, *options: str, answer: str = "") -> Result:
    """`bot.py restore`."""
    return CliRunner().invoke(entry.bot, ["restore", str(file), "--data-dir", str(data), *options], input=answer)


def stands(folder: Path) -> dict[str, list[str]]:
    """What is in the databases of a folder, after nothing of a restore is left over there."""
    assert not (folder / naming.STAGE).exists()
    return content(folder)
