"""Counting what is asked: one number a day for each outcome, language and subject, and nothing of who asked or how."""

from __future__ import annotations

from handlers.shared.context import BotContext
from handlers.shared.references import subject
from knowledge import Answer
from knowledge.answer import UnknownBlock


def count(context: BotContext, answer: Answer) -> None:
    """Count the question of an answer, once it is out. A greeting is no question, nor is a message without words."""
    if answer.kind == "smalltalk" or answer.blocks == (UnknownBlock("empty"),):
        return
    named = subject(answer)
    count_as(context, answer.outcome, answer.language, named[1] if named else "")


def count_as(context: BotContext, outcome: str, language: str, about: str) -> None:
    """Count something asked of which only this is known."""
    context.work.later(lambda: context.people.tally.add(outcome, language, about))
