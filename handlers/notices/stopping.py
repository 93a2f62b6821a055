"""What somebody is shown who wants no more messages: of what they named, or the list of all that they follow."""

from __future__ import annotations

from html import escape

from telegram import InlineKeyboardMarkup

from handlers.notices.followed import A_PAGE, listed, to_list
from handlers.notices.following import PROGRAMME, stop_key
from handlers.rendering import Speech
from handlers.rendering.claims import subject_name
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from knowledge.wanting import whole


def stopping(context: BotContext, s: Speech, named: str) -> Reply:
    """The buttons that stop what is named and followed; where nothing of it is, or nothing is named, the list with a stop for
    each. ``named``: as :func:`knowledge.wanting.to_stop` leaves it."""
    snapshot, followed = context.engine.snapshot, context.people.follows.of(context.user_id)
    meant = subjects(context, named) if named else []
    rows = [[stop_key(subject, snapshot, s)] for subject in meant if subject in followed]
    if rows:
        text = s._("Tap to stop it: nothing more comes of it then.")
        return Reply((text,), InlineKeyboardMarkup([*rows[:A_PAGE], [to_list(s)]]))
    reply = listed(context, s, 0)
    if len(meant) != 1:
        return reply
    name = escape(subject_name(meant[0], snapshot, s), quote=False)
    remark = s._("You do not follow {name} (any more).", name=name)
    return Reply((f"{remark}\n\n{reply.parts[0]}",), reply.keyboard)


def subjects(context: BotContext, named: str) -> list[str]:
    """What a text may name that can be followed."""
    if whole(named) == "programme":
        return [PROGRAMME]
    picked, cohorts = context.engine.pick(named), context.engine.snapshot.cohorts
    regions = [f"region:{candidate.region.code}" for candidate in picked.candidates]
    return [*regions, *(f"cohort:{year}" for year in picked.years if year in cohorts)]
