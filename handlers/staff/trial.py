"""Trying a change before it is made: which answers would differ, and whether a question that works now would not any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

import structlog

from handlers.people import moment
from handlers.rendering import document, plain
from handlers.rendering.record import record
from handlers.shared.context import BotContext
from knowledge import Context, Engine, check_rows, evaluate, store, touched
from knowledge.changes import RowChange, replaced
from knowledge.check_rows import Finding
from knowledge.errors import saying
from knowledge.evaluate import Case
from knowledge.lexicon import DATA, LANGUAGES, phrase_files
from knowledge.model import Language
from knowledge.snapshot import build

log = structlog.get_logger(__name__)

_LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")
_SCORES: Final[WeakKeyDictionary[Engine, evaluate.Report]] = WeakKeyDictionary()
"""How the engine that answers does on the evaluation set: the same for every change that is tried against it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A question that would be answered otherwise."""

    question: str
    before: str
    """The answer as it is, as plain text."""
    after: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change would do."""

    effects: tuple[Effect, ...] = ()
    broken: tuple[Effect, ...] = ()
    """Questions of the evaluation set that are answered rightly now and would not be any more."""
    findings: tuple[Finding, ...] = ()
    """Rules that it would break: it cannot be made."""


async def trial(context: BotContext, rows: Sequence[RowChange], asked: Sequence[str] = ()) -> Trial:
    """Try a change. ``asked``: questions to compare beside those that the rows bear on."""
    services = context.services
    return await asyncio.to_thread(tried, services.engine, services.knowledge_dir, rows, context.language, asked)


def tried(
    engine: Engine, folder: Path, rows: Sequence[RowChange], language: Language, asked: Sequence[str] = ()
) -> Trial:
    """The same without a running bot, against the knowledge in ``folder`` that ``engine`` answers from."""
    tables = store.all_tables(folder)
    now = engine.snapshot
    after = build(now.edition, replaced(tables, rows), compiled=now.compiled, checked=now.checked)
    findings = tuple(check_rows.problems(engine.snapshot, after))
    if findings:
        return Trial(findings=findings)
    try:
        candidate = engine.changed(after)
        return Trial(_effects(engine, candidate, rows, language, asked), tuple(_broken(engine, candidate)))
    except Exception as error:
        # No knowledge may be let in that answers cannot be made of, whatever it is that they miss.
        log.error("knowledge that cannot be answered from", error=type(error).__name__)
        return Trial(findings=(Finding("error", saying("With this, some questions could not be answered at all.")),))


def _effects(
    engine: Engine, candidate: Engine, rows: Sequence[RowChange], language: Language, asked: Sequence[str]
) -> tuple[Effect, ...]:
    """The answers that would differ: in the person's language, or where none does in it, in the other. Whoever mends an English
    text may speak Indonesian."""
    topics = [(topic.id, topic.claims) for topic in engine.facts.topics.values()]
    for spoken in (language, *(each for each in _LANGUAGES if each != language)):
        touching = touched.asked(rows, engine.snapshot, topics, spoken)
        questions = dict.fromkeys((*asked, *touching) if spoken == language else touching)
        compared = (Effect(q, _told(engine, q, spoken), _told(candidate, q, spoken)) for q in questions)
        found = tuple(effect for effect in compared if effect.before != effect.after)
        if found:
            return found
    return ()


def _told(engine: Engine, question: str, language: Language) -> str:
    answer = engine.answer(question, preference=language, now=moment.now()).answer
    return plain(document(answer, engine.snapshot))


def _broken(engine: Engine, candidate: Engine) -> Iterable[Effect]:
    before = _SCORES.get(engine) or _SCORES.setdefault(engine, evaluate.run(evaluation_set(), asker(engine)))
    after = evaluate.run(evaluation_set(), asker(candidate))
    for worked, works in zip(before.results, after.results, strict=True):
        if worked.verdict == "passed" != works.verdict:
            yield Effect(worked.case.text, str(worked.answer["answer"]), str(works.answer["answer"]))


def asker(engine: Engine) -> evaluate.Ask:
    """A function that asks a case of the engine and keeps its session."""
    sessions: dict[str, Context] = {}

    def ask(case: Case) -> evaluate.Record:
        started = time.perf_counter()
        context = sessions.get(case.session) if case.session else None
        turn = engine.answer(case.text, context, preference=case.preference)  # type: ignore[arg-type]
        if case.session:
            sessions[case.session] = turn.context
        return record(case.text, turn.answer, engine.snapshot, (time.perf_counter() - started) * 1000)

    return ask


@cache
def evaluation_set() -> tuple[Case, ...]:
    """The questions beside the phrase files: what must go on being answered whatever an admin changes."""
    files = (path for language in LANGUAGES for path in phrase_files(language, DATA))
    return tuple(case for path in files for case in evaluate.load(path.with_suffix(".questions.jsonl")))
