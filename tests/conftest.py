"""What all tests share: one engine on the shipped edition, its parts, and the edition as the CSV files say it."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import running
from filled import change, kept
from hypothesis import settings
from record import Record

import knowledge
from handlers.backup import making
from handlers.people import connection
from handlers.service import timers
from handlers.staff import desk, deskwork
from knowledge import Answer, Engine, prepared, store
from knowledge.lexicon import Lexicon
from knowledge.reading import Reader
from knowledge.snapshot import Snapshot

Talk = Callable[..., list[Answer]]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """An engine on the shipped edition."""
    return running.for_good(knowledge.shipped_engine())


@pytest.fixture
def one_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running bot answers from the engine that all tests share, instead of making its own."""
    monkeypatch.setattr("knowledge.open_engine", lambda _: engine)


@pytest.fixture
def opened() -> Callable[[Path], Engine]:
    """Opens engines as ``knowledge.open_engine`` does, once for each state of a folder."""
    latest: dict[Path, tuple[str, Engine]] = {}

    def engine(folder: Path) -> Engine:
        state, (known, before) = store.state(folder), latest.get(folder, ("", None))
        if not state or state != known:
            made = prepared.engine(folder, before=before) if before else running.engine_of(folder)
            latest[folder] = store.state(folder), made
        return latest[folder][1]

    return engine


@pytest.fixture
def opened_once(opened: Callable[[Path], Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that are called in this process one after the other open the knowledge anew only where it has changed."""
    monkeypatch.setattr("knowledge.open_engine", opened)
    monkeypatch.setattr(deskwork, "prepared", SimpleNamespace(engine=opened))


@pytest.fixture
def desk_here(opened_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are worked on in a thread instead of a process of their own, which ``test_desk.py`` is about: what comes of a file
    is the same, and takes a third of the time."""

    async def done(request: bytes) -> Any:
        job, arguments = pickle.loads(request)
        result = await asyncio.to_thread(deskwork.result, deskwork.JOBS[job], arguments)
        return pickle.loads(pickle.dumps(result))

    monkeypatch.setattr(desk, "_done", done)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried soon to use the file again, and other processes are not waited for."""
    monkeypatch.setattr(timers, "FIRST_TRY", 0.05)
    monkeypatch.setattr(timers, "LONGEST_TRY", 0.05)
    monkeypatch.setattr(connection, "BUSY_MILLISECONDS", 1)
    monkeypatch.setattr(connection, "START_SECONDS", 0.01)


@pytest.fixture(scope="session")
def snapshot(engine: Engine) -> Snapshot:
    """The shipped edition in memory."""
    return engine.snapshot


@pytest.fixture(scope="session")
def lexicon(engine: Engine) -> Lexicon:
    """The words of both languages."""
    return engine.lexicon


@pytest.fixture(scope="session")
def reader(engine: Engine) -> Reader:
    """The reader of that engine."""
    return engine.reader


@pytest.fixture(scope="session")
def record() -> Record:
    """The edition as the CSV files say it."""
    return Record()


@pytest.fixture(scope="session")
def talk(engine: Engine) -> Talk:
    """A conversation: the answers to some messages, one second (or ``pause`` seconds) apart."""

    def talk(*texts: str, pause: float = 1.0) -> list[Answer]:
        context, answers = None, []
        for number, text in enumerate(texts):
            turn = engine.answer(text, context, now=1000.0 + number * pause)
            context = turn.context
            answers.append(turn.answer)
        return answers

    return talk


# Thousands of rows are made and dropped by test after test: to look for garbage among them so often takes a tenth of the time.
gc.set_threshold(20_000)
# What the tests of restoring share. A file with another `data` of its own goes on using that.


@pytest.fixture
def made() -> Path:
    """A DATA_DIR with something in every table; tests copy it before they change it."""
    return kept(shipped=False)


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    return making.make(kept(shipped=False), tmp_path_factory.mktemp("backups"), "tanya").path


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A DATA_DIR in which more has happened since."""
    folder = shutil.copytree(made, tmp_path / "data")
    change(folder)
    return folder


# Every process that a test starts would compile the bot anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
settings.register_profile("steady", derandomize=bool(os.environ.get("CI")), deadline=None)
settings.load_profile("steady")
