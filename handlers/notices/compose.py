"""The words in which somebody is told of changes of what they follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup

from handlers.notices.following import stop_key
from handlers.rendering import Speech
from handlers.rendering.claims import claim_name, claim_text, subject_name
from handlers.rendering.telegram import MAX_LENGTH, visible_length
from handlers.shared.answers import Row
from handlers.shared.buttons import FOLLOW, STATUS
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.words import shorten
from knowledge.difference import Difference
from knowledge.model import Claim
from knowledge.snapshot import Snapshot

MAX_VALUE: Final = 400
"""Characters of an old and of a new value that are told: a paragraph; the status card has the whole."""
MAX_CHANGES: Final = 10
"""Changed claims that one message tells; nobody reads more. The others are counted."""
MAX_BUTTONS: Final = 3
"""Regions with a button to their card, and subjects with one that stops them; the list of what one follows has all."""


def changes(
    found: Sequence[Difference], followed: Sequence[str], snapshot: Snapshot, s: Speech,
    given: Mapping[str, str] | None = None,
) -> Reply | None:  # fmt: skip
    """The message that tells somebody of changes; None where there is nothing new in their language.

    Args:
        found: what is different, each claim once.
        followed: the subjects for whose sake they are told, as in claims; each gets a button that stops it.
        snapshot: the knowledge as it is.
        s: their language.
        given: the claims that they were given before, with the day (ISO) of that.
    """
    seen = [one for one in found if _text(one.before, s) != _text(one.after, s)]
    if not seen:
        return None
    by_subject: dict[str, list[Difference]] = defaultdict(list)
    for one in seen:
        by_subject[one.claim.subject].append(one)
    head = s._("🔔 There is something new in what you follow.")
    if not followed:
        head = s._("🔔 Something that I told you has changed.")
    lines, told = [head], 0
    for subject, group in by_subject.items():
        name = subject_name(subject, snapshot, s)
        title = f"\n<b>{escape(name[0].upper() + name[1:], quote=False)}</b>"
        for at, one in enumerate(group):
            block = [*([title] if at == 0 else []), *_lines(one, snapshot, s, (given or {}).get(one.claim.id, ""))]
            more = _more(len(seen) - told - 1, s)
            if told == MAX_CHANGES or visible_length("\n".join([*lines, *block, *more])) > MAX_LENGTH:
                return Reply(
                    ("\n".join([*lines, *_more(len(seen) - told, s)]),), _buttons(by_subject, followed, snapshot, s)
                )
            lines += block
            told += 1
    return Reply(("\n".join(lines),), _buttons(by_subject, followed, snapshot, s))


def _lines(one: Difference, snapshot: Snapshot, s: Speech, day: str) -> Iterator[str]:
    """What one claim was and is, and where that is published."""
    yield f"• {escape(claim_name(one.claim, s), quote=False)}"
    if day and one.before:
        yield "  " + s._("You were told so on {date}.", date=s.date(day))
    elif day:
        yield "  " + s._("On {date} you were told that it took no part.", date=s.date(day))
    if one.before:
        yield "  " + s._("Was: {text}", text=_shown(one.before, s))
    if not one.after:
        yield "  " + s._("Now: this is not recorded any more.")
        return
    now = _shown(one.after, s)
    yield "  " + (s._("Now: <b>{text}</b>", text=now) if one.before else s._("New: <b>{text}</b>", text=now))
    known = [snapshot.sources[id] for id in one.after.sources if id in snapshot.sources]
    if known:
        yield "  " + escape(s.sources(known), quote=False)


def _more(left: int, s: Speech) -> list[str]:
    if not left:
        return []
    return ["", s.ngettext("… and {n} other change.", "… and {n} other changes.", left)]


def _shown(claim: Claim, s: Speech) -> str:
    return escape(shorten(claim_text(claim, s), MAX_VALUE), quote=False) or "–"


def _text(claim: Claim | None, s: Speech) -> str | None:
    return claim_text(claim, s) if claim else None


def _buttons(subjects: Iterable[str], followed: Sequence[str], snapshot: Snapshot, s: Speech) -> InlineKeyboardMarkup:
    regions = [subject.removeprefix("region:") for subject in subjects if subject.startswith("region:")]
    known = [snapshot.regions[code] for code in regions if code in snapshot.regions]
    rows: list[Row] = [
        [key(STATUS, s, s._("Status of {name}", name=region.label(s.language)), "v", region.code)]
        for region in known[:MAX_BUTTONS]
    ]
    rows += [[stop_key(subject, snapshot, s)] for subject in followed[:MAX_BUTTONS]]
    if not followed:
        rows.append([key(FOLLOW, s, s._("No more corrections"), "k")])
    rows.append([key(FOLLOW, s, s._("What I follow, and how"), "n")])
    return InlineKeyboardMarkup(rows)
