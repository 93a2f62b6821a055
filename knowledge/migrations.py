"""The schema of knowledge.db as named steps, each applied once. An applied step is never edited: add another."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from sqlite_utils import Database, Migrations

from .errors import DatabaseError

migrations = Migrations("knowledge")

LATEST = "m002_changes_and_phrasings"
"""Name of the newest step."""


def migrate(db: Database, steps: Migrations, path: Path) -> None:
    """Apply what steps are missing.

    Raises:
        DatabaseError: the file at ``path`` holds a step unknown here, so a newer version wrote it.
    """
    refuse_newer([step.name for step in steps.applied(db)], steps, path)
    steps.apply(db)


def refuse_newer(applied: Iterable[str], steps: Migrations, path: Path) -> None:
    """Raise DatabaseError where one of the steps that were applied to the file at ``path`` is unknown here: a newer version
    of the bot wrote it."""
    with closing(sqlite3.connect(":memory:")) as nothing:
        known = {step.name for step in steps.pending(Database(nothing))}
    strange = [name for name in applied if name not in known]
    if strange:
        raise DatabaseError(
            f"{path} was written by a newer version of the bot ({strange[-1]}). Upgrade the bot, or restore the backup made "
            "before the upgrade: bot.py restore FILE."
        )


def opened(
    path: Path, application: int, steps: Migrations, *, alone: bool = False, wait: float = 5.0
) -> sqlite3.Connection:
    """A connection to a database of ours beside knowledge.db, with the newest schema; steps that are applied cost nothing.

    ``application`` is written into the file's header, so that a stray database is not taken for ours. With ``alone`` no
    other process can use the file while it is open. ``wait``: seconds to wait for another process that writes.

    Raises:
        DatabaseError: it is another program's, or of a newer version.
        sqlite3.Error: it cannot be used; an ``OperationalError`` "locked" where another process uses it.
    """
    with suppress(
        OSError
    ):  # It is there, or SQLite says why it cannot be. What is about people is for this user alone.
        path.touch(mode=0o600, exist_ok=False)
    connection = sqlite3.connect(path, timeout=1.0 if alone else wait)
    try:
        if alone:
            connection.execute("pragma locking_mode = exclusive")
        (holds,) = connection.execute("select count(*) from sqlite_master").fetchone()
        (found,) = connection.execute("pragma application_id").fetchone()
        if holds and found != application:
            raise DatabaseError(f"{path} is no database of this bot. Move it away or set DATA_DIR.")
        connection.execute("pragma journal_mode = wal")
        # With a write-ahead log this is safe against a killed process; only a power cut may cost the last moments.
        connection.execute("pragma synchronous = normal")
        # What a burst (or a disk that was full) made of the log is given back.
        connection.execute("pragma journal_size_limit = 4000000")
        # What is deleted is overwritten. Not every SQLite does that unless it is told to.
        connection.execute("pragma secure_delete = on")
        connection.execute(f"pragma application_id = {application}")
        migrate(Database(connection), steps, path)
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


@migrations()
def m001_claims_and_their_sources(db: Database) -> None:
    """Regions, sources, claims, events, and what an edition shipped."""
    db.table("sources").create(
        {"id": str, "publisher": str, "title": str, "date": str, "date_note": str, "url": str},
        pk="id", not_null={"publisher", "title"}, strict=True,
    )  # fmt: skip
    db.table("regions").create(
        {"code": str, "name": str, "name_en": str, "type": str, "province_code": str},
        pk="code", not_null={"name", "name_en", "type"}, foreign_keys=[("province_code", "regions", "code")], strict=True,
    )  # fmt: skip
    db.table("districts").create(
        {"code": str, "name": str, "region_code": str},
        pk="code", not_null={"name", "region_code"}, foreign_keys=[("region_code", "regions", "code")], strict=True,
    )  # fmt: skip
    db.table("aliases").create(
        {"region_code": str, "alias": str, "kind": str, "shared": str},
        pk=("region_code", "alias"), not_null={"kind"}, foreign_keys=[("region_code", "regions", "code")], strict=True,
    )  # fmt: skip
    db.table("cohorts").create(
        {"year": int, "phase": str, "part_of": str, "list_complete": str},
        pk="year", not_null={"part_of", "list_complete"}, strict=True,
    )  # fmt: skip
    db.table("claims").create(
        {
            "id": str, "subject": str, "region_code": str, "attribute": str, "period": str, "value": str,
            "text_id": str, "text_en": str, "status": str, "date": str,
        },
        pk="id", not_null={"subject", "attribute", "period", "status"},
        foreign_keys=[("region_code", "regions", "code")], strict=True,
    )  # fmt: skip
    db.table("claims").create_index(["subject", "attribute"])
    db.table("claim_sources").create(
        {"claim_id": str, "source_id": str, "position": int},
        pk=("claim_id", "source_id"),
        foreign_keys=[("claim_id", "claims", "id"), ("source_id", "sources", "id")], strict=True,
    )  # fmt: skip
    db.table("claim_conflicts").create(
        {"claim_id": str, "other_id": str}, pk=("claim_id", "other_id"),
        foreign_keys=[("claim_id", "claims", "id"), ("other_id", "claims", "id")], strict=True,
    )  # fmt: skip
    db.table("events").create(
        {
            "id": int, "at": str, "actor": str, "reason": str, "table_name": str, "row_key": str,
            "before": str, "after": str,
        },
        pk="id", not_null={"at", "actor", "reason", "table_name"}, strict=True,
    )  # fmt: skip
    db.table("editions").create(
        {"id": str, "fingerprint": str, "applied_at": str, "summary": str},
        pk="fingerprint", not_null={"id", "applied_at"}, strict=True,
    )  # fmt: skip
    db.table("edition_rows").create(
        {"table_name": str, "row_key": str, "content": str}, pk=("table_name", "row_key"), strict=True
    )
    db.table("edition_conflicts").create(
        {
            "id": int, "edition_id": str, "table_name": str, "row_key": str, "base": str, "mine": str, "theirs": str,
            "decided_at": str,
        },
        pk="id", not_null={"edition_id", "table_name", "row_key"}, strict=True,
    )  # fmt: skip
    db.table("about").create({"key": str, "value": str}, pk="key", strict=True)
    db.table("data_dictionary").create(
        {"table_name": str, "column_name": str, "description": str}, pk=("table_name", "column_name"), strict=True
    )
    db.create_view(
        "participants",
        """
        select r.code, r.name, p.name as province, cast(c.value as integer) as cohort, c.status,
               (select count(*) from claim_sources s where s.claim_id = c.id) as source_count,
               c.text_id as remark_id, c.text_en as remark_en
        from claims c join regions r on r.code = c.region_code join regions p on p.code = r.province_code
        where c.attribute = 'participation' order by cohort, r.code
        """,
    )
    db.create_view(
        "statements",
        """
        select c.id, c.subject, c.attribute as topic, c.period, c.text_id, c.text_en,
               (select group_concat(s.publisher, '; ') from claim_sources cs join sources s on s.id = cs.source_id
                where cs.claim_id = c.id) as publishers
        from claims c where c.text_id != '' and c.attribute not in ('participation', 'later_participation')
        """,
    )


@migrations()
def m002_changes_and_phrasings(db: Database) -> None:
    """Events belong to changes and can no longer be altered; how people ask; by when a claim is to be looked at again."""
    db.table("changes").create(
        {
            "id": int, "at": str, "actor": str, "kind": str, "reason": str, "source": str, "undoes": int, "token": str,
        },
        pk="id", not_null={"at", "actor", "kind", "reason", "source"}, foreign_keys=[("undoes", "changes", "id")], strict=True,
    )  # fmt: skip
    db.table("changes").create_index(["token"], unique=True)
    db.table("events").add_column("change_id", int)
    db.execute(
        "insert into changes (id, at, actor, kind, reason, source) "
        "select min(id), min(at), actor, case when actor = 'edition' then 'edition' else 'edit' end, reason, '' "
        "from events group by actor, reason, at order by min(id)"
    )
    db.execute(
        "update events set change_id = (select c.id from changes c where c.actor = events.actor "
        "and c.reason = events.reason and c.at = events.at)"
    )
    db.table("events").create_index(["change_id"])
    db.table("events").create_index(["table_name", "row_key"])
    db.table("claims").add_column("review_by", str, not_null_default="")
    db.execute("update edition_rows set content = json_set(content, '$.review_by', '') where table_name = 'claims'")
    db.table("phrasings").create(
        {"language": str, "question": str, "claim": str},
        pk=("language", "question"), not_null={"claim"}, strict=True,
    )  # fmt: skip
    db.table("claim_sources").create_index(["source_id"])
    append_only(db)


def append_only(db: Database) -> None:
    """Let the log of changes only grow."""
    for table in ("changes", "events"):
        for act in ("update", "delete"):
            db.execute(
                f"create trigger {table}_no_{act} before {act} on {table} "
                f"begin select raise(abort, 'the log of changes only grows'); end"
            )
