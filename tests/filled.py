"""A DATA_DIR with something in every table, and what a database holds, to be compared."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from running import furnish

from handlers.people import People
from handlers.people.database import FILE as PEOPLE
from knowledge import store
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


def tables(connection: sqlite3.Connection) -> list[str]:
    """All tables of a database, SQLite's own left out."""
    rows = connection.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite!_%' escape '!'"
    )
    return [name for (name,) in rows]


def content(folder: Path) -> dict[str, list[str]]:
    """Everything in the databases of a folder, as SQL."""
    found = {}
    for name in FILES:
        if (folder / name).exists():
            with closing(sqlite3.connect(folder / name)) as c:
                found[name] = list(c.iterdump())
    return found


def execute(path: Path, *statements: str) -> None:
    """Change a database from outside."""
    with closing(sqlite3.connect(path)) as c, c:
        for statement in statements:
            c.execute(statement)
