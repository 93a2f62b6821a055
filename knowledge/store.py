"""Opening knowledge.db: the quick way for reading, the writer for everything else.

Reading needs the standard library only, so that `bot.py ask` starts fast; sqlite-utils is loaded when the file has to be
made or brought up to date.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from . import edition
from .errors import DatabaseError, UnavailableError
from .snapshot import Row, Snapshot, build

FILE = "knowledge.db"
APPLICATION_ID = 0x54313030
"""Written into the file's header ("T100"), so that a stray database is not taken for ours."""

_SELECTS = {
    "sources": "select id, publisher, title, date, date_note, url from sources order by rowid",
    "regions": "select code, name, name_en, type, province_code from regions order by code",
    "districts": "select code, name, region_code from districts order by code",
    "aliases": "select region_code, alias, kind, shared from aliases order by rowid",
    "cohorts": "select year, phase, part_of, list_complete from cohorts order by year",
    "claims": """
        select id, subject, attribute, period, value, text_id, text_en, status,
               (select group_concat(source_id, ';') from
                 (select source_id from claim_sources where claim_id = claims.id order by position)) as sources,
               (select group_concat(other_id, ';') from
                 (select other_id from claim_conflicts where claim_id = claims.id order by rowid)) as conflicts_with,
               review_by
        from claims order by rowid
    """,
    "phrasings": "select language, question, claim from phrasings order by rowid",
}
NO_FOLDER = (NotADirectoryError, FileExistsError)
"""A file stands where a folder should be: that does not pass."""
_NO_ROOM = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_CHECKED = """
    select subject, substr(max(at), 1, 10) from (
      select json_extract(e.before, '$.subject') as subject, c.at from events e join changes c on c.id = e.change_id
      where e.table_name = 'claims' and c.kind != 'edition'
      union all
      select json_extract(e.after, '$.subject'), c.at from events e join changes c on c.id = e.change_id
      where e.table_name = 'claims' and c.kind != 'edition'
    ) where subject is not null group by subject
"""


def load(data_dir: Path) -> Snapshot:
    """The knowledge in ``data_dir``, made from the shipped edition or brought up to date with it first where needed.

    Raises:
        DatabaseError: the file cannot be read, made or brought up to date.
    """
    if not _current(data_dir / FILE):
        from .writer import Writer

        with Writer(data_dir) as writer:
            writer.apply_shipped()
    return read(data_dir)


def read(data_dir: Path) -> Snapshot:
    """The knowledge as it stands in the database, whatever edition that is."""
    with reading(data_dir / FILE) as connection:
        return snapshot(connection)


def state(data_dir: Path) -> str:
    """A text that changes whenever the knowledge does; empty where there is no database yet."""
    path = data_dir / FILE
    if not path.exists():
        return ""
    with reading(path) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'editions'").fetchone():
            return ""
        marks = connection.execute(
            "select (select max(id) from events), (select max(applied_at) from editions), "
            "(select group_concat(name) from _sqlite_migrations)"
        ).fetchone()
    return " ".join(map(str, marks))


def present(data_dir: Path) -> str:
    """The same of a database that has to be there: a running bot makes none, as that would be the shipped edition alone.

    Raises:
        UnavailableError: it is missing.
    """
    found = state(data_dir)
    if not found:
        raise UnavailableError(f"{data_dir / FILE} is missing. Put it back, or restart the bot.")
    return found


def snapshot(connection: sqlite3.Connection) -> Snapshot:
    """The whole knowledge as one snapshot."""
    about = dict(connection.execute("select key, value from about").fetchall())
    (districts,) = connection.execute(
        "select group_concat(code || '|' || name || '|' || region_code, char(10)) from (select * from districts order by code)"
    ).fetchone()
    named = tables(connection, [name for name in _SELECTS if name != "districts"])
    checked = dict(connection.execute(_CHECKED).fetchall())
    return build(about["edition"], named, districts or "", compiled=about["compiled"], checked=checked)


def tables(connection: sqlite3.Connection, names: Iterable[str] = tuple(_SELECTS)) -> dict[str, list[Row]]:
    """Tables of the edition with all values as text, as the CSV files have them."""
    found: dict[str, list[Row]] = {}
    for name in names:
        select = _SELECTS[name]
        cursor = connection.execute(select)
        columns = [column[0] for column in cursor.description]
        found[name] = [
            dict(zip(columns, ("" if value is None else str(value) for value in row), strict=True)) for row in cursor
        ]
    return found


def all_tables(data_dir: Path) -> dict[str, list[Row]]:
    """Every table of the edition as it stands, with all values as text."""
    with reading(data_dir / FILE) as connection:
        return tables(connection)


def claims(data_dir: Path) -> dict[str, Row]:
    """The claims as they stand, by id. Without the other tables that takes a tenth of the time."""
    with reading(data_dir / FILE) as connection:
        return {row["id"]: row for row in tables(connection, ["claims"])["claims"]}


def open_conflicts(path: Path) -> list[str]:
    """``table key`` of the rows that an admin and an edition both changed and nobody has decided on."""
    with reading(path) as connection:
        rows = connection.execute(
            "select table_name, row_key from edition_conflicts where decided_at is null "
            "group by table_name, row_key order by min(id)"
        )
        return [f"{table} {key}" for table, key in rows]


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write, nor make the file.

    Raises:
        DatabaseError: the file is missing, damaged or no database of ours.
    """
    try:
        with closing(_connected(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def _connected(path: Path) -> sqlite3.Connection:
    """On a disk that is full or read-only, SQLite can read only what it is told that nobody changes: it would make a file
    beside it. A log beside it that holds something has to be read too, so there is no way around that one."""
    address = path.absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=rw", uri=True)
    try:
        connection.execute("pragma query_only = on")
        connection.execute("select 1 from sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if result_code(error) not in _NO_ROOM or (log.exists() and log.stat().st_size):
            raise
        return sqlite3.connect(f"{address}?immutable=1", uri=True)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _current(path: Path) -> bool:
    """Whether the file holds the edition that ships with this code, and the schema it knows."""
    if not path.exists():
        return False
    refuse_strangers(path)
    with reading(path) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'editions'").fetchone():
            return False
        about = dict(connection.execute("select key, value from about").fetchall())
    return about.get("fingerprint") == edition.fingerprint() and about.get("schema") == SCHEMA


def outdated(data_dir: Path) -> bool:
    """Whether :func:`load` would change a file that is there: for a newer edition, or a newer schema.

    Raises:
        DatabaseError: the file is damaged or no database of ours.
    """
    path = data_dir / FILE
    return bool(state(data_dir)) and not _current(path)


def refuse_strangers(path: Path) -> None:
    """Leave a file alone that is no database of ours.

    Raises:
        DatabaseError: it is damaged, or holds tables of something else.
    """
    if not path.exists():
        return
    with reading(path) as connection:
        # The tables first: another start may be making the file, and puts both there at once.
        (holds,) = connection.execute("select count(*) from sqlite_master").fetchone()
        (application,) = connection.execute("pragma application_id").fetchone()
    if holds and application != APPLICATION_ID:
        raise DatabaseError(f"{path} is not a knowledge database of this bot. Move it away or set DATA_DIR.")


def result_code(error: BaseException | None) -> int:
    """SQLite's primary result code of an error (https://sqlite.org/rescode.html); 0 where it has none."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def unusable(path: Path, error: Exception) -> DatabaseError:
    """The error for a database file that SQLite or its folder refuses, with what to do; it passes where the file is not what
    is wrong."""
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        kind = DatabaseError if isinstance(error, NO_FOLDER) else UnavailableError
        return kind(f"The folder {path.parent} cannot be used ({reason}). Set DATA_DIR to one that can be written.")
    if isinstance(error, sqlite3.OperationalError):
        return UnavailableError(
            f"{path} cannot be used now ({error}). Look at the disk, its rights and other programs that use the file, then "
            "try again."
        )
    return DatabaseError(
        f"{path} cannot be used ({error}). Restore a backup, or move the file away to start from the shipped edition."
    )


SCHEMA = "m002_changes_and_phrasings"
"""Newest migration; a test holds it equal to ``migrations.LATEST`` without importing sqlite-utils here."""
