"""How roles and people are spoken of to those who look after the knowledge, and how one of them is told something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import structlog
from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from handlers.people import People
from handlers.people.staff import Member, Role
from handlers.rendering import Speech, speech
from handlers.shared.context import BotContext
from knowledge.lexicon import OUTSIDE
from knowledge.snapshot import Snapshot

MAX_REGIONS: Final = 5
"""Regions of an officer that are named; the rest are counted."""

log = structlog.get_logger(__name__)


def role_name(role: Role, s: Speech) -> str:
    """What a role is called."""
    return {Role.OFFICER: s._("officer"), Role.ADMIN: s._("admin"), Role.OWNER: s._("owner")}[role]


def position(role: Role, regions: Sequence[str], snapshot: Snapshot, s: Speech) -> str:
    """A role with the regions that it is for: "officer for Klaten Regency"."""
    if not regions:
        return role_name(role, s)
    named = [snapshot.regions[code].label(s.language) if code in snapshot.regions else code for code in regions]
    more = len(named) - MAX_REGIONS
    if more > 0:
        named = [*named[:MAX_REGIONS], s.ngettext("{n} other region", "{n} other regions", more)]
    return s._("{role} for {regions}", role=role_name(role, s), regions=s.names(named))


def invited_as(role: Role, position: str, s: Speech) -> str:
    """What an invitation says first. ``position``: as :func:`position` tells it."""
    if role == Role.OFFICER:
        return s._(
            "You are invited to Tanya 100 Smart City as {position}: to see what is disputed or out of date, and to propose corrections.",
            position=position,
        )
    return s._("You are invited to look after Tanya 100 Smart City as {position}.", position=position)


def person(member: Member, s: Speech) -> str:
    """Somebody by name and number, as HTML: "Sari (no. 3)"."""
    if not member.name:
        return s._("no. {number}", number=member.id)
    return s._("{name} (no. {number})", name=escape(member.name, quote=False), number=member.id)


def office(people: People, member: Member, region: str) -> str:
    """Position and office that an officer named for a region, as plain text; empty where they came by an invitation."""
    request = people.requests.held_by(member.id, region)
    return f"{request.position}, {request.office}" if request else ""


def reporter(role: str, snapshot: Snapshot, s: Speech) -> str:
    """Who reported something, by the role that is kept with the report: "citizen", "officer 33.10"."""
    word, *regions = role.split()
    known = {each.word: each for each in (Role.OFFICER, Role.ADMIN, Role.OWNER)}
    return position(known[word], regions, snapshot, s) if word in known else s._("a citizen")


def understood(spans: Iterable[Sequence[str]], snapshot: Snapshot, s: Speech) -> str:
    """How the words of a question were taken, as plain text: the regions that they name, what lies outside the programme, and
    what nobody knows. All else goes without saying."""
    told = []
    for said, taken in spans:
        codes = [code for code in taken.split(",") if code in snapshot.regions]
        if codes:
            meaning = s.names([snapshot.regions[code].label(s.language) for code in dict.fromkeys(codes)])
        elif taken == "unknown":
            meaning = s._("a word that I do not know")
        elif taken.startswith(OUTSIDE):
            meaning = s._("outside the programme")
        else:
            continue
        told.append(s._("“{word}”: {meaning}", word=said, meaning=meaning))
    return "; ".join(told)


def speech_of(context: BotContext, user_id: int) -> Speech:
    """The words of somebody else's language."""
    return speech(context.people.profiles.language(user_id) or context.services.settings.default_language)


async def tell(context: BotContext, user_id: int, html: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Tell somebody else something; that it does not reach them stops nothing."""
    if context.people.profiles.unreachable(user_id):
        return
    try:
        await context.outbox.send(user_id, html, keyboard)
    except TelegramError as error:
        log.warning("not told", error=type(error).__name__)
