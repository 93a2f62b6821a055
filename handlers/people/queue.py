"""What could not be answered, without saying whose question it was; what was decided on it; and who wants to be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, NamedTuple

from knowledge.meaning import Row
from knowledge.model import Language

from .connection import Connection
from .impersonal import impersonal, today

Decision = Literal["alias", "phrasing", "answer", "outside", "ignore"]
SETTLED: Final = ("outside", "ignore")
"""Decisions after which a question of the same meaning need not be kept: nobody will look at it again."""


class Decided(NamedTuple):
    """What was decided on a meaning."""

    language: Language
    meaning: str
    decision: Decision
    example: str
    """A question of that meaning: its meaning may be another once the knowledge has changed."""
    day: str
    actor: str


class Waiting(NamedTuple):
    """Somebody who wants to be told."""

    user_id: int
    language: Language
    meaning: str
    question: str


class Queue:
    """The question log, the decisions, and those who wait."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---------------------------------------------------------------------------------------------------------- questions

    def unanswered(self, text: str, language: Language, reason: str, place: str, meaning: Callable[[str], str]) -> None:
        """Keep a question that found no answer, unless it was decided that nobody shall look at its like.

        Args:
            text: what was asked.
            language: the language of the answer.
            reason: why there was none.
            place: ``private``, ``group`` or ``inline``.
            meaning: gives the meaning of a question (:meth:`knowledge.Engine.meaning`).
        """
        kept = impersonal(text)
        meant = meaning(kept)
        if meant and self.decision(language, meant) not in SETTLED:
            self._connection.execute(
                "insert into questions (day, text, language, reason, place, meaning) values (?, ?, ?, ?, ?, ?)",
                (today(), kept, language, reason, place, meant),
            )

    def rows(self) -> list[Row]:
        """The questions that wait for a decision."""
        rows = self._connection.execute(
            "select language, meaning, text, day, reason from questions q where coalesce(meaning, '') != '' and not exists "
            "(select 1 from decisions d where d.language = q.language and d.meaning = q.meaning) order by id"
        )
        return [Row(*row) for row in rows]

    def without_meaning(self) -> list[str]:
        """Questions that an older version wrote down, which knew no meanings."""
        rows = self._connection.execute("select distinct text from questions where meaning is null order by text")
        return [text for (text,) in rows]

    def set_meanings(self, meanings: Mapping[str, str]) -> None:
        """Add the meanings of such questions."""
        self._connection.executemany(
            "update questions set meaning = ? where text = ? and meaning is null",
            [(meaning, text) for text, meaning in meanings.items()],
        )

    # ---------------------------------------------------------------------------------------------------------- decisions

    def decision(self, language: Language, meaning: str) -> Decision | None:
        """What was decided on questions of a meaning; None where nothing was."""
        row = self._connection.execute(
            "select decision from decisions where language = ? and meaning = ?", (language, meaning)
        ).fetchone()
        return row[0] if row else None

    def decisions(self) -> list[Decided]:
        """Everything that was decided."""
        rows = self._connection.execute(
            "select language, meaning, decision, example, day, actor from decisions order by day, language, meaning"
        )
        return [Decided(*row) for row in rows]

    def decide(self, language: Language, examples: Mapping[str, str], decision: Decision, actor: str) -> None:
        """Decide on some meanings, each given with an example. Decisions stay; what is settled need not be kept."""
        self._connection.executemany(
            "insert or replace into decisions (language, meaning, decision, example, day, actor) values (?, ?, ?, ?, ?, ?)",
            [(language, meaning, decision, example, today(), actor) for meaning, example in examples.items()],
        )
        if decision in SETTLED:
            gone = [(language, meaning) for meaning in examples]
            self._connection.executemany("delete from questions where language = ? and meaning = ?", gone)
        if decision == "ignore":
            self._connection.executemany("delete from waiting where language = ? and meaning = ?", gone)

    def restore(self, decided: Iterable[Decided]) -> None:
        """Take decisions back: their questions wait for one again, each counted once."""
        for one in decided:
            key = (one.language, one.meaning)
            gone = self._connection.execute("delete from decisions where language = ? and meaning = ?", key)
            if gone.rowcount:
                self._connection.execute(
                    "insert into questions (day, text, language, reason, place, meaning) values (?, ?, ?, ?, ?, ?)",
                    (today(), one.example, one.language, "out_of_scope", "private", one.meaning),
                )

    def carry_over(self, meanings: Iterable[tuple[Decided, str]]) -> None:
        """The examples of some decisions mean something else since the knowledge changed: they hold for that too."""
        for decided, meaning in meanings:
            if meaning and meaning != decided.meaning and not self.decision(decided.language, meaning):
                self.decide(decided.language, {meaning: decided.example}, decided.decision, decided.actor)

    # ------------------------------------------------------------------------------------------------------------ waiting

    def wait(self, user_id: int, language: Language, meaning: str, question: str) -> None:
        """Somebody wants to be told when a question can be answered."""
        self._connection.execute(
            "insert or ignore into waiting (user_id, language, meaning, question, day) values (?, ?, ?, ?, ?)",
            (user_id, language, meaning, impersonal(question), today()),
        )

    def waits(self, user_id: int, language: Language, meaning: str) -> bool:
        """Whether somebody waits for an answer already."""
        row = self._connection.execute(
            "select 1 from waiting where user_id = ? and language = ? and meaning = ?", (user_id, language, meaning)
        ).fetchone()
        return row is not None

    def waiting(self) -> list[Waiting]:
        """Everybody who waits for an answer, whoever has waited longest first."""
        rows = self._connection.execute(
            "select user_id, language, meaning, question from waiting order by day, user_id, language, meaning"
        )
        return [Waiting(*row) for row in rows]

    def told(self, who: Waiting) -> None:
        """Somebody waits no more."""
        self._connection.execute(
            "delete from waiting where user_id = ? and language = ? and meaning = ?",
            (who.user_id, who.language, who.meaning),
        )
