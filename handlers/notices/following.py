"""What somebody follows and how they want to be told of it, in words and on buttons."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardButton

from handlers.people.wishes import DIGEST_HOUR, ZONES, Wishes
from handlers.rendering import Speech
from handlers.rendering.claims import subject_name
from handlers.shared.buttons import FOLLOW, StaleButton
from handlers.shared.keys import key
from knowledge.snapshot import Snapshot

PROGRAMME: Final = "programme"


def short(subject: str) -> str:
    """A subject as buttons carry it: ``r33.10``, ``c2018``, ``p``."""
    kind, _, code = subject.partition(":")
    return kind[0] + code


def subject_of(argument: str, snapshot: Snapshot) -> str:
    """The subject of a button's argument.

    Raises:
        StaleButton: it is none, or not known (any more).
    """
    kind, code = argument[:1], argument[1:]
    region = snapshot.regions.get(code)
    if kind == "r" and region and region.level == "regency":
        return f"region:{code}"
    if kind == "c" and code.isascii() and code.isdecimal() and int(code) in snapshot.cohorts:
        return f"cohort:{code}"
    if argument == "p":
        return PROGRAMME
    raise StaleButton(argument)


def follow_key(subject: str, snapshot: Snapshot, s: Speech, *, again: bool = False) -> InlineKeyboardButton:
    """The button that begins to follow a subject."""
    name = subject_name(subject, snapshot, s)
    label = s._("Follow {name} again", name=name) if again else s._("Follow {name}", name=name)
    return key(FOLLOW, s, label, "a", short(subject))


def stop_key(subject: str, snapshot: Snapshot, s: Speech) -> InlineKeyboardButton:
    """The button that ends it, with one tap."""
    return key(FOLLOW, s, s._("Stop following {name}", name=subject_name(subject, snapshot, s)), "x", short(subject))


def how(wishes: Wishes, s: Speech) -> str:
    """When somebody is told, and when not."""
    return f"{when(wishes, s)} {quiet(wishes, s)}".strip()


def when(wishes: Wishes, s: Speech) -> str:
    """How often somebody is told, in a sentence."""
    values = {"hour": hour(DIGEST_HOUR), "zone": zone(wishes.zone, s)}
    return {
        "now": s._("You are told at once."),
        "daily": s._("You are told once a day, at {hour} {zone}.", **values),
        "weekly": s._("You are told once a week, on Monday at {hour} {zone}.", **values),
    }[wishes.pace]


def quiet(wishes: Wishes, s: Speech) -> str:
    """The hours in which somebody is left alone, in a sentence; empty where there are none."""
    if wishes.quiet_from == wishes.quiet_to:
        return ""
    return s._(
        "No message comes between {first} and {last} {zone}.",
        first=hour(wishes.quiet_from), last=hour(wishes.quiet_to), zone=zone(wishes.zone, s),
    )  # fmt: skip


def hour(number: int) -> str:
    """An hour of the clock."""
    return f"{number:02}:00"


def zone(name: str, s: Speech) -> str:
    """A time zone as people call it: "WIB", "Tokyo time"."""
    known = {iana: word for word, iana in ZONES.items()}
    return known.get(name) or s._("{city} time", city=name.rpartition("/")[2].replace("_", " "))
