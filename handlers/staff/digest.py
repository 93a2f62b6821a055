"""The digest in words: what the week brought, a few of each, and where to go on from there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape, unescape
from typing import Final

from telegram import InlineKeyboardMarkup

from handlers.people import People
from handlers.rendering import Speech
from handlers.rendering.columns import choice_name
from handlers.shared.answers import Row
from handlers.shared.buttons import DIGEST, QUEUE
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.words import shorten
from handlers.staff.entries import change_line, region_name, title
from handlers.staff.week import Week
from handlers.staff.weekly import HOUR
from knowledge.freshness import last_day
from knowledge.model import Claim, Language
from knowledge.snapshot import Snapshot
from knowledge.suggestions import questions

SHOWN: Final = 3
"""Examples of each kind; the rest is counted."""
MAX_EXAMPLE: Final = 150
"""Characters of an example."""
LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")


def reply(week: Week, snapshot: Snapshot, people: People, s: Speech, *, weekly: bool) -> Reply:
    """The digest as a message. ``weekly``: whether whoever reads it gets it each week."""
    hour = f"{HOUR:02}:00"
    if weekly:
        said = s._("You get this every Monday at {hour} WIB.", hour=hour)
        switch = key(DIGEST, s, s._("Weekly: on. Switch it off"), "w", "0")
    else:
        said = s._("The weekly digest is off for you. Switched on, it comes every Monday at {hour} WIB.", hour=hour)
        switch = key(DIGEST, s, s._("Weekly: off. Switch it on"), "w", "1")
    rows: list[Row] = [[switch]]
    if week.stale:
        rows.append([key(DIGEST, s, s._("Due for review ({n})", n=len(week.stale)), "s", "0")])
    rows.append([key(QUEUE, s, s._("Open the queue"), "l", "0")])
    text = "\n".join([*lines(week, snapshot, people, s), "", said])
    return Reply((text,), InlineKeyboardMarkup(rows))


def lines(week: Week, snapshot: Snapshot, people: People, s: Speech) -> list[str]:
    """The digest line by line, as HTML; some 3,000 characters at most."""
    head = s._("Since {day}", day=s.date(week.since.isoformat()))
    told = [f"<b>{head}</b>", *_questions(week, s)]
    subjects = [f"{s.number(a.times)}× {_short(_name(a.about, snapshot, s))}" for a in week.asked]
    if subjects:
        told += _part(s._("Asked about most"), subjects)
    times = [f"{s.number(c.times)}× <i>{_short(c.examples[0])}</i>" for c in week.clusters[:SHOWN]]
    told += _part(s._("New questions without answer: {n}", n=s.number(len(week.clusters))), times)
    told += _part(s._("Open reports: {n}", n=s.number(week.reports)), [])
    if week.requests:
        told += _part(s._("Requests to become an officer: {n}", n=s.number(week.requests)), [])
    if week.proposals:
        told += _part(s._("Proposals by officers: {n}", n=s.number(week.proposals)), [])
    made = [change_line(replace(e, reason=shorten(e.reason, MAX_EXAMPLE)), people, s) for e in week.changes[:SHOWN]]
    told += _part(s._("Changes made: {n}", n=s.number(len(week.changes))), made)
    due = [claim_line(claim, snapshot, s) for claim in week.stale[:SHOWN]]
    return [*told, *_part(s._("Statements due for review: {n}", n=s.number(len(week.stale))), due)]


def plain(html: Sequence[str]) -> str:
    """Such lines without markup."""
    return unescape(re.sub("<[^>]*>", "", "\n".join(html)))


def claim_line(claim: Claim, snapshot: Snapshot, s: Speech, length: int = MAX_EXAMPLE) -> str:
    """A claim in at most so many characters and since when it is due, as HTML."""
    due = s.date(last_day(claim.review_by).isoformat())
    return s._("{claim} (due {day})", claim=_short(claim_title(claim, snapshot, s), length), day=due)


def claim_title(claim: Claim, snapshot: Snapshot, s: Speech) -> str:
    """A claim in a few words, as plain text."""
    row = {
        "id": claim.id, "subject": claim.subject, "attribute": claim.attribute, "value": claim.value,
        "text_id": claim.text_id, "text_en": claim.text_en,
    }  # fmt: skip
    return title("claims", row, snapshot, s)


def _questions(week: Week, s: Speech) -> list[str]:
    counted = []
    for language in LANGUAGES:
        answered, back, unknown = (week.outcomes.get((language, o), 0) for o in ("answered", "ambiguous", "unknown"))
        if answered or back or unknown:
            counted.append(
                s._(
                    "{language}: {answered} answered, {back} asked back, {unknown} without answer",
                    language=choice_name(language, s), answered=s.number(answered), back=s.number(back),
                    unknown=s.number(unknown),
                )
            )  # fmt: skip
    return _part(s._("Questions"), counted or [s._("none")])


def _part(head: str, entries: Sequence[str]) -> list[str]:
    return ["", f"<b>{head}</b>", *(f"• {entry}" for entry in entries)]


def _name(about: str, snapshot: Snapshot, s: Speech) -> str:
    """What a link's payload leads to: a region's name, or a topic's question."""
    kind, _, code = about.partition("_")
    if kind == "r":
        return region_name(code.replace("_", "."), snapshot, s)
    return questions(s.language).get(code, code)


def _short(text: str, length: int = MAX_EXAMPLE) -> str:
    return escape(shorten(" ".join(text.split()), length), quote=False)
