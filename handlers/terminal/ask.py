"""`bot.py ask`: one question, or a stream of them, for people and for programs."""

from __future__ import annotations

import json
import sys
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

import knowledge
from handlers.rendering import document, plain
from handlers.rendering.record import record
from handlers.shared.options import data_dir_option, language_option
from knowledge.model import Language

_LINE_ENDS = "\u0085\u2028\u2029"
"""Characters that some readers take for the end of a line; JSON leaves them as they are."""
MAX_SESSIONS = 10_000
"""Conversations remembered in one run; the one idle longest is forgotten first."""


@click.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read {"text", "session", "lang"} objects from standard input, one a line, and answer each on one line.',
)
@click.option("--explain", is_flag=True, help="Add how the answer came about: words, scores, statements used.")
@language_option
@data_dir_option
def ask(question: str | None, as_json: bool, jsonl: bool, explain: bool, lang: Language | None, data_dir: Path) -> None:
    """Answer QUESTION in Indonesian or English.

    Exit status: 0 where the question was answered or asked back, 1 where the answer is not known, 2 for a wrong call.
    """
    if jsonl == (question is not None):
        raise click.UsageError(
            'Give one QUESTION in quotes, or --jsonl with questions on standard input. Example: bot.py ask "Apakah Klaten peserta?"'
        )
    engine = knowledge.open_engine(data_dir)
    if jsonl:
        engine.warm()
        for answer in stream(engine, sys.stdin.buffer, lang, explain=explain):
            click.echo(_dumps(answer))
            sys.stdout.flush()
        return
    started = time.perf_counter()
    turn = engine.answer(question or "", preference=lang)
    found = record(
        question or "", turn.answer, engine.snapshot, (time.perf_counter() - started) * 1000, explain=explain
    )
    if as_json:
        click.echo(_dumps(found, indent=2))
        return
    click.echo(plain(document(turn.answer, engine.snapshot)))
    for label in found["choices"] if turn.answer.outcome != "answered" else ():
        click.echo(f"- {label}")
    if explain:
        click.echo(_dumps(found["trace"], indent=2), err=True)
    if turn.answer.outcome == "unknown":
        raise SystemExit(1)


def stream(
    engine: knowledge.Engine, lines: Iterable[bytes], preference: Language | None, *, explain: bool = False
) -> Iterator[dict[str, Any]]:
    """One answer for every line, in order; a line that is no question gets an error in its place."""
    sessions: OrderedDict[str, knowledge.Context] = OrderedDict()
    for number, line in enumerate(lines, 1):
        question = _question(line)
        if isinstance(question, str):
            yield {"error": question, "line": number}
            continue
        text, session, lang = question
        started = time.perf_counter()
        turn = engine.answer(text, sessions.get(session) if session else None, preference=lang or preference)
        found = record(text, turn.answer, engine.snapshot, 0.0, explain=explain)
        found["elapsed_ms"] = round((time.perf_counter() - started) * 1000, 3)
        if session:
            sessions[session] = turn.context
            sessions.move_to_end(session)
            if len(sessions) > MAX_SESSIONS:
                sessions.popitem(last=False)
        yield found


def _question(line: bytes) -> tuple[str, str | None, Language | None] | str:
    """``(text, session, lang)`` of a line, or what is wrong with it."""
    try:
        row = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        return f"not a JSON object in UTF-8: {error}"
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return 'an object with a "text" is needed, for example {"text": "Apakah Klaten peserta?"}'
    session, lang = row.get("session"), row.get("lang")
    if lang not in (None, "id", "en"):
        return '"lang" is "id" or "en"'
    if session is not None and not isinstance(session, (str, int)):
        return '"session" is a text'
    return row["text"], None if session is None else str(session), lang


def _dumps(value: Any, indent: int | None = None) -> str:
    """JSON with letters as they are; half a surrogate pair, which UTF-8 cannot hold, is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    for end in _LINE_ENDS:
        text = text.replace(end, f"\\u{ord(end):04x}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    return text
