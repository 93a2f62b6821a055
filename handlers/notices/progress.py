"""How far a notice of the programme team is, as those see it who look after the knowledge."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.notices.audience import name
from handlers.people.notices import Notice, Progress
from handlers.rendering import Speech
from handlers.shared.answers import Row
from handlers.shared.buttons import BROADCAST
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.staff.weekly import ZONE
from handlers.staff.words import person

REFRESHED: Final = "r"
"""Last argument of the button that shows anew what is shown already."""
CLOCK: Final = "%H:%M WIB"
"""Staff read times as the digest tells them: by the clock of Jakarta."""
_MINUTE: Final = 60


def view(context: BotContext, s: Speech, notice: Notice, said: str = "") -> Reply:
    """A notice and how far it is, with what can be done. ``said``: HTML above it."""
    progress = context.people.notices.progress(notice.id)
    lines = [*([said, ""] if said else []), heading(context, notice, s), *_lines(context, s, notice, progress)]
    rows: list[Row] = []
    if progress.waiting and progress.state != "stopped":
        rows.append([_refresh(s, notice), _key(s, s._("⛔ Stop"), "s", notice.id)])
    elif progress.waiting:
        rows.append([_refresh(s, notice)])
    rows.append([_key(s, s._("Show the texts"), "e", notice.id)])
    rows.append([key(BROADCAST, s, s._("‹ All notices"), "l", "0")])
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows))


def heading(context: BotContext, notice: Notice, s: Speech) -> str:
    """Which notice it is: its number, when, from whom and to whom, as HTML."""
    at = datetime.fromtimestamp(notice.at, UTC).astimezone(ZONE)
    return s._(
        "<b>Notice no. {number}</b>, {day}, {time}, from {sender}, to {audience}", number=notice.id,
        day=s.date(at.date().isoformat()), time=at.strftime(CLOCK),
        sender=_sender(context, notice, s),
        audience=name(notice.audience, context.engine.snapshot, s),
    )  # fmt: skip


def state(progress: Progress, s: Speech) -> str:
    """How far it is, in a sentence."""
    sent, total = s.number(progress.sent), s.number(progress.total)
    if progress.state == "stopped":
        return s._("Stopped: {sent} of {total} got it.", sent=sent, total=total)
    if progress.waiting:
        return s._("Being sent: {sent} of {total} got it.", sent=sent, total=total)
    return s._("Done: {sent} of {total} got it.", sent=sent, total=total)


def lasting(messages: int, per_second: float, s: Speech) -> str:
    """How long so many messages take at least, in words. ``per_second``: as in the setting; 0 for as fast as they are taken."""
    seconds = math.ceil(messages / per_second) if per_second else 0
    if not seconds:
        return s._("a moment")
    if seconds < 2 * _MINUTE:
        return s.ngettext("about {n} second", "about {n} seconds", seconds)
    return s.ngettext("about {n} minute", "about {n} minutes", math.ceil(seconds / _MINUTE))


def _sender(context: BotContext, notice: Notice, s: Speech) -> str:
    """Who sent it: "Sari (no. 1)"."""
    member = context.people.staff.numbered(int(notice.actor.rpartition(" ")[2]))
    assert member is not None, "a role's number is never taken away"
    return person(member, s)


def _lines(context: BotContext, s: Speech, notice: Notice, progress: Progress) -> list[str]:
    told = [f"<b>{state(progress, s)}</b>"]
    if progress.dropped:
        why = s._("they have blocked me, or want no such notices any more")
        if progress.state == "stopped":
            why = s._("it was stopped, they have blocked me, or want no such notices any more")
        told.append(s._("Do not get it: {n} ({why}).", n=s.number(progress.dropped), why=why))
    if not progress.waiting:
        return told
    asleep, last = context.people.notices.asleep(notice.id)
    awake = progress.waiting - asleep
    told.append(s._("Still waiting: {n}.", n=s.number(progress.waiting)))
    if asleep:
        until = datetime.fromtimestamp(last, UTC).astimezone(ZONE).strftime(CLOCK)
        told.append(
            s._("Until their quiet hours end: {n} of them, the last at {time}.", n=s.number(asleep), time=until)
        )
    if awake:
        per_second = context.services.settings.messages_per_second
        told.append(s._("Time left for the others: {time}.", time=lasting(awake, per_second, s)))
    return told


def _refresh(s: Speech, notice: Notice) -> InlineKeyboardButton:
    return key(BROADCAST, s, s._("Refresh"), "v", str(notice.id), REFRESHED)


def _key(s: Speech, label: str, verb: str, notice_id: int) -> InlineKeyboardButton:
    return key(BROADCAST, s, label, verb, str(notice_id))
