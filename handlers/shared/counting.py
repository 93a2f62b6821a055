"""Counting what is asked: one number a day for each outcome, language and subject, and nothing of who asked or how."""

from __future__ import annotations

import re

from handlers.shared.context import BotContext
from handlers.shared.references import link_code, said, subject
from knowledge import Answer
from knowledge.answer import FactBlock, UnknownBlock


def count(context: BotContext, answer: Answer) -> None:
    """Count the question of an answer, once it is out. A greeting is no question, nor is a message without words."""
    if answer.kind == "smalltalk" or answer.blocks == (UnknownBlock("empty"),):
        return
    count_as(context, answer.outcome, answer.language, about(answer))


def about(answer: Answer) -> str:
    """What an answer is counted for: its region, whether card, verdict, statement or "I do not know", else its topic."""
    named = subject(answer)
    if named:
        return re.sub(r"\As_", "r_", named[1])
    codes: set[str] = set()
    for block in said(answer):
        match block:
            case FactBlock(named=regions):
                codes |= set(regions)
            case UnknownBlock(region=region) if region:
                codes.add(region.code)
    return f"r_{link_code(codes.pop())}" if len(codes) == 1 else ""


def count_as(context: BotContext, outcome: str, language: str, about: str) -> None:
    """Count something asked of which only this is known."""
    context.work.later(lambda: context.people.tally.add(outcome, language, about))
