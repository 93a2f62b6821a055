"""What all tests share: one engine on the shipped edition, its parts, and the edition as the CSV files say it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import settings
from record import Record

import knowledge
from knowledge import Answer, Engine
from knowledge.lexicon import Lexicon
from knowledge.reading import Reader
from knowledge.snapshot import Snapshot

Talk = Callable[..., list[Answer]]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """An engine on the shipped edition."""
    return knowledge.shipped_engine()


@pytest.fixture
def one_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running bot answers from the engine that all tests share, instead of making its own."""
    monkeypatch.setattr("knowledge.open_engine", lambda _: engine)


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


settings.register_profile("steady", derandomize=bool(os.environ.get("CI")), deadline=None)
settings.load_profile("steady")
