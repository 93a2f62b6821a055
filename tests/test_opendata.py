"""The published copy: always whole, always that of the knowledge, renewed under its readers, and never with people in it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filled import dump, execute
from running import furnish, play, running
from structlog.testing import capture_logs
from test_changes import change, worded

from handlers.fake_telegram import FakeTelegram
from handlers.service import opendata
from handlers.staff.publishing import follow
from knowledge import copying, store
from knowledge.errors import DatabaseError
from knowledge.writer import Writer

Read = Callable[[], str]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with the shipped knowledge."""
    furnish(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where it is published; not there yet."""
    return tmp_path / "open"


def changed(data: Path, text: str) -> None:
    """Another process changes what F001 says."""
    with Writer(data) as writer:
        writer.commit(change(worded(data, text)))


def reader(folder: Path) -> tuple[sqlite3.Connection, Read]:
    """Somebody who has the copy open and cannot write; and what F001 says to them."""
    connection = sqlite3.connect(f"file:{folder / store.FILE}?mode=ro", uri=True)

    def read() -> str:
        return str(connection.execute("select text_en from claims where id = 'F001'").fetchone()[0])

    return connection, read


def test_it_is_all_of_the_knowledge_with_what_it_means_and_nothing_else(data: Path, folder: Path) -> None:
    (data / "people.db").write_bytes(b"somebody")
    opendata.publish(data, folder)
    assert {file.name for file in folder.iterdir()} == {"knowledge.db", "metadata.json"}
    assert dump(folder / store.FILE) == dump(data / store.FILE)
    described = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))["databases"]
    assert set(described) == {Path(store.FILE).stem}  # Datasette goes by the file's name.
    assert "claims" in described["knowledge"]["tables"]


def test_tables_of_other_programs_are_not_published(data: Path, folder: Path) -> None:
    """Such as those in which Litestream counts."""
    before = dump(data / store.FILE)
    execute(
        data / store.FILE,
        'create table _litestream_seq (id integer primary key, "it\'s" text)',
        "insert into _litestream_seq values (1, 'zorgonzorgon')",
        'create view "odd ""name" as select * from _litestream_seq',
    )
    opendata.publish(data, folder)
    assert dump(folder / store.FILE) == before
    assert b"zorgonzorgon" not in (folder / store.FILE).read_bytes()


def test_it_can_be_read_where_nothing_can_be_written_and_by_everybody(data: Path, folder: Path) -> None:
    opendata.publish(data, folder)
    write_version, read_version = (folder / store.FILE).read_bytes()[18:20]
    assert (write_version, read_version) == (1, 1)  # 2: a write-ahead log has to be beside it.
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_whoever_has_it_open_reads_on_and_sees_what_is_new(data: Path, folder: Path) -> None:
    opendata.publish(data, folder)
    connection, read = reader(folder)
    with closing(connection):
        before = read()
        changed(data, "It was otherwise.")
        assert read() == before != "It was otherwise."
        opendata.publish(data, folder)
        assert read() == "It was otherwise."


def test_a_reader_who_stays_too_long_is_an_error_and_the_copy_stays_whole(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opendata, "BUSY_SECONDS", 0.0)
    opendata.publish(data, folder)
    before = dump(folder / store.FILE)
    connection, read = reader(folder)
    with closing(connection):
        connection.execute("begin")
        read()
        changed(data, "It was otherwise.")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            opendata.publish(data, folder)
    assert dump(folder / store.FILE) == before
    assert {file.name for file in folder.iterdir()} == {"knowledge.db", "metadata.json"}


def test_what_is_no_database_any_more_is_replaced(data: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / store.FILE).write_bytes(b"no database" * 1000)
    opendata.publish(data, folder)
    assert dump(folder / store.FILE) == dump(data / store.FILE)


def test_damaged_knowledge_is_not_published(data: Path, folder: Path) -> None:
    opendata.publish(data, folder)
    before = dump(folder / store.FILE)
    with (data / store.FILE).open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises((DatabaseError, sqlite3.DatabaseError)):
        opendata.publish(data, folder)
    assert dump(folder / store.FILE) == before


def test_the_running_bot_publishes_at_the_start_and_after_a_change(
    tmp_path: Path, data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opendata, "LOOK_SECONDS", 0.02)

    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, data, open_data_dir=folder) as bot:
            await telegram.until((folder / "metadata.json").exists)
            connection, read = reader(folder)
            with closing(connection):
                await asyncio.to_thread(changed, data, "It was otherwise.")
                await follow(bot.bot.services)
                await telegram.until(lambda: read() == "It was otherwise.")

    play(scene)


def test_where_it_cannot_be_written_that_is_said_once_and_mended_by_itself(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opendata, "AGAIN_SECONDS", 0.01)
    tries = 0

    def copy(source: Path, target: Path) -> None:
        nonlocal tries
        tries += 1
        if tries < 5:
            raise OSError(28, "No space left on device")
        copying_was(source, target)

    copying_was = copying.copy
    monkeypatch.setattr(copying, "copy", copy)

    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, data, open_data_dir=folder):
            await telegram.until((folder / "metadata.json").exists)
            await telegram.until(lambda: any(line["event"] == "open data published" for line in logs))

    with capture_logs() as logs:
        play(scene)
    told = [line for line in logs if "open data" in line["event"] and line["log_level"] != "debug"]
    assert [(line["log_level"], line["event"].partition(";")[0]) for line in told] == [
        ("warning", "open data cannot be published"),
        ("info", "open data can be published again"),
        ("info", "open data published"),
    ]
    assert "No space left" in told[0]["detail"]


def test_nothing_is_published_unless_it_is_asked_for(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def publish(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(opendata, "publish", publish)

    async def scene() -> None:
        async with running(FakeTelegram(), data) as bot:
            await asyncio.wait_for(opendata.keep_publishing(bot.bot.services), 1)

    play(scene)
