"""What stands below a status card in private: its buttons, and for whoever answers for the region what needs a look."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import Final

from telegram import InlineKeyboardButton

from handlers.people import People
from handlers.people.impersonal import today
from handlers.people.staff import Role
from handlers.people.tally import Numbers
from handlers.rendering import Speech
from handlers.rendering.status import line_name, told
from handlers.rendering.telegram import MAX_LENGTH, visible_length
from handlers.shared.answers import Row
from handlers.shared.buttons import CORRECT, FOLLOW, STATUS
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.references import link_code
from handlers.shared.words import shorten
from knowledge.answer import Status
from knowledge.freshness import stale
from knowledge.model import Claim
from knowledge.snapshot import Snapshot
from knowledge.status import disputed, line_of

MAX_NAMED: Final = 5
"""Statements that are named of those that disagree, or are due: more are counted, so that the part stays one look."""
MAX_SAID: Final = 160
"""Characters of each: enough to know it by; the card above has all of it."""
MAX_ROOM: Final = MAX_LENGTH - 2
"""Characters of a message beside the empty line between its parts."""


def card_rows(people: People, user_id: int, code: str, s: Speech) -> list[Row]:
    """The buttons of a card: as PDF, follow, and for an officer of the region, propose a correction."""
    rows = [[key(STATUS, s, s._("PDF, one page"), "p", code), follow_button(people, user_id, code, s)]]
    if code in people.staff.regions_of(user_id):
        rows.append([key(CORRECT, s, s._("Propose a correction"), "b", code)])
    return rows


def follow_button(people: People, user_id: int, code: str, s: Speech) -> InlineKeyboardButton:
    """What follows a region; where somebody follows it already, that says so and leads to what they follow."""
    if f"region:{code}" in people.follows.of(user_id):
        return key(FOLLOW, s, s._("✓ You follow it"), "n")
    return key(FOLLOW, s, s._("Follow this region"), "a", f"r{code}")


def looked_after(people: People, user_id: int, code: str) -> bool:
    """Whether somebody answers for a region: an officer for their own, an admin for all."""
    return people.staff.role(user_id) >= Role.ADMIN or code in people.staff.regions_of(user_id)


def with_extras(reply: Reply, status: Status, people: People, snapshot: Snapshot, s: Speech) -> Reply:
    """A card with what whoever answers for its region reads in addition; in a message of its own where it does not fit."""
    more = "\n".join(extras(status, people, snapshot, s))
    *before, last = reply.parts
    if visible_length(last) + visible_length(more) <= MAX_ROOM:
        return Reply((*before, f"{last}\n\n{more}"), reply.keyboard)
    return Reply((*reply.parts, more), reply.keyboard)


def extras(status: Status, people: People, snapshot: Snapshot, s: Speech) -> list[str]:
    """What sources disagree about, what is due for review, and how often the region was asked about this month, as HTML."""
    day = today()
    lines = [s._("<b>For those who answer for this region</b>")]
    lines += _named(
        s._("Statements on which sources differ:"),
        s._("Statements on which sources differ: none."),
        disputed(snapshot, status.claims),
        s,
    )
    ids = {claim.id for claim in status.claims}
    due = [claim for claim in stale(snapshot, date.fromisoformat(day)) if claim.id in ids]
    lines += _named(s._("Due for review:"), s._("Due for review: nothing."), due, s)
    asked = people.tally.about(f"r_{link_code(status.region.code)}", f"{day[:7]}-01")
    return [*lines, _asked(asked, s)]


def _named(head: str, none: str, claims: list[Claim], s: Speech) -> list[str]:
    if not claims:
        return [none]
    lines = [head]
    for claim in claims[:MAX_NAMED]:
        said = shorten(f"{line_name(line_of(claim).id, s)}: {told(claim, s)}", MAX_SAID)
        lines.append(f"• {escape(said, quote=False)}")
    if len(claims) > MAX_NAMED:
        lines.append("• " + s.ngettext("and {n} more", "and {n} more", len(claims) - MAX_NAMED))
    return lines


def _asked(asked: Numbers, s: Speech) -> str:
    """How often it was asked about, by outcome and language."""
    total = sum(asked.values())
    if not total:
        return s._("Asked about this month: not once.")
    named = {
        "answered": s._("answered"), "ambiguous": s._("asked back"), "unknown": s._("not answered"),
        "id": s._("in Indonesian"), "en": s._("in English"),
    }  # fmt: skip
    outcomes, languages = (dict.fromkeys(keys, 0) for keys in (("answered", "ambiguous", "unknown"), ("id", "en")))
    for (language, outcome), n in asked.items():
        outcomes[outcome] += n
        languages[language] += n
    how, spoken = (
        ", ".join(f"{s.number(n)} {named[kind]}" for kind, n in kinds.items() if n) for kinds in (outcomes, languages)
    )
    times = s.ngettext("{n} time", "{n} times", total)
    return s._("Asked about this month: {times} ({how}; {spoken}).", times=times, how=how, spoken=spoken)
