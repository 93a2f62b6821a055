"""A notice that is being written: what is asked for next, what stands below its previews, and what it is by now."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.notices import progress
from handlers.notices.announcing import LANGUAGES, preview
from handlers.notices.audience import ALL, Reach, name, reach
from handlers.notices.following import PROGRAMME
from handlers.people.drafts import Draft
from handlers.people.wishes import clock
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.answers import Row
from handlers.shared.buttons import BROADCAST
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.staff import drafts
from handlers.staff.weekly import ZONE

KIND: Final = "broadcast"
"""Of the drafts of notices: ``text_id``, ``text_en``, ``audience``; ``asks``, what is typed next; ``taken``, which message
became which text; ``control``, the message below the previews; ``spoken``, its language; ``doubted``, a text that is asked about."""

Data = dict[str, Any]


async def pressed(context: BotContext) -> Draft | None:
    """The draft that the pressed button belongs to; where it is gone that is said."""
    s = speech(context.button.language)
    context.work.note("done", "broadcast", s.language)
    gone = s._(
        "This notice was sent or dropped before, or is older than a day. /{command} shows those that were sent.",
        command=commands.BROADCAST.name(s),
    )
    return await drafts.pressed(context, KIND, gone)


async def go_on(context: BotContext, s: Speech, id: int, data: Data) -> None:
    """Ask for what is missing; where both texts are there, show how they will look, and below them what is to be decided."""
    if asks_for(data):
        await ask(context, s, id, data)
        return
    if data.get("control"):
        newer = s._("There is a newer preview below.")
        await context.outbox.edit(newer, chat_id=context.chat_id, message_id=data["control"])
    for language in LANGUAGES:
        await context.say(preview(data[f"text_{language}"], language), quote=False)
    sent = await context.say(control(context, s, id, data), quote=False)
    context.work.later(lambda: context.people.drafts.update(id, {**data, "control": sent}, sent))


async def ask(context: BotContext, s: Speech, id: int, data: Data, trouble: str = "") -> None:
    """Ask for what is typed next."""
    texts = {
        "text_id": s._("Write the notice in <b>Indonesian</b>. It is sent as plain text; addresses of pages become links."),
        "text_en": s._("Now the same in <b>English</b>: whoever reads English gets this one."),
        "region": s._("Followers of which region? Type its name."),
    }  # fmt: skip
    said = "\n\n".join([*([trouble] if trouble else []), texts[asks_for(data)]])
    rows: list[Row] = [to_cancel(s, id)]
    if data.get("doubted"):
        rows.insert(0, [key(BROADCAST, s, drafts.as_it_is(s), "k", str(id))])
    if "text_id" in data and "text_en" in data:
        to = "a" if asks_for(data) == "region" else "f"
        rows.insert(0, [key(BROADCAST, s, s._("‹ Back"), to, str(id))])
    sent = await context.say(Reply((said,), InlineKeyboardMarkup(rows)), quote=False)
    context.work.later(lambda: context.people.drafts.update(id, data, sent))


async def remind(context: BotContext, s: Speech, id: int, data: Data) -> None:
    """Say to whoever types where the notice is shown that words do not send it."""
    text = s._("❗ The notice is not sent yet: only the button below its preview sends it.")
    rows = [[key(BROADCAST, s, s._("Go on with the notice"), "f", str(id))]]
    sent = await context.say(Reply((text,), InlineKeyboardMarkup(rows)), quote=False)
    context.work.later(lambda: context.people.drafts.update(id, data, sent))


def begun(draft: Draft) -> bool:
    """Whether something of a notice is written."""
    return "text_id" in draft.data or "text_en" in draft.data


def reach_of(context: BotContext, data: Data) -> Reach:
    """Who gets it at this moment."""
    return reach(context.people, context.engine.snapshot, data["audience"], clock())


def asks_for(data: Data) -> str:
    """What is typed next; empty where nothing is missing."""
    return data.get("asks") or next((text for text in ("text_id", "text_en") if text not in data), "")


def state_of(context: BotContext, data: Data) -> str:
    """What tells one state of a notice from another: a button that sends it sends what was shown above it, and not where
    another notice went out meanwhile. Empty where something is missing."""
    if asks_for(data) or not data.get("audience"):
        return ""
    latest = str(max((notice.id for notice in context.people.notices.broadcasts()), default=0))
    said = "\0".join((data["text_id"], data["text_en"], data["audience"], latest))
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def choice(s: Speech, id: int, label: str, audience: str) -> InlineKeyboardButton:
    """What chooses for whom it is."""
    return key(BROADCAST, s, label, "z", str(id), audience)


def to_cancel(s: Speech, id: int) -> Row:
    """What drops it."""
    return [key(BROADCAST, s, s._("Cancel"), "x", str(id))]


# ------------------------------------------------------------------------------------------------- below the previews


def control(context: BotContext, s: Speech, id: int, data: Data) -> Reply:
    """What stands below the previews: for whom it is, how many that are, and what can be done."""
    people, draft = context.people, str(id)
    lines = [
        s._("Above is the notice as it will look, for readers of Indonesian and of English. Do both say the same?")
    ]
    rows: list[Row] = []
    if not data.get("audience"):
        news = people.follows.count([PROGRAMME], wanting_broadcasts=True)
        everybody = people.follows.count(wanting_broadcasts=True)
        lines += ["", s._("Whom is it for? In brackets: who can be reached and wants such notices.")]
        rows += [
            [choice(s, id, s._("Everybody who follows something ({n})", n=s.number(everybody)), ALL)],
            [choice(s, id, s._("Followers of programme news ({n})", n=s.number(news)), PROGRAMME)],
            [key(BROADCAST, s, s._("Of a region …"), "g", draft), key(BROADCAST, s, s._("Of a province …"), "p", draft, "0")],
            [key(BROADCAST, s, s._("Of a cohort and its regions …"), "c", draft)],
        ]  # fmt: skip
    else:
        found = reach_of(context, data)
        lines += ["", *_reached(context, s, data["audience"], found), *_warnings(context, s, data)]
        n = len(found.people)
        if n:
            label = s.ngettext("Send to {n} person", "Send to {n} people", n)
            rows.append([key(BROADCAST, s, label, "y", draft, state_of(context, data), str(n))])
        rows.append([key(BROADCAST, s, s._("Other followers"), "a", draft)])
    change = (("id", s._("Change the Indonesian text")), ("en", s._("Change the English text")))
    rows += [[key(BROADCAST, s, label, "t", draft, language)] for language, label in change]
    return Reply(("\n".join(lines),), InlineKeyboardMarkup([*rows, to_cancel(s, id)]))


def _reached(context: BotContext, s: Speech, audience: str, found: Reach) -> list[str]:
    """For whom it is, how many get it, and when."""
    lines = [s._("To: {audience}", audience=f"<b>{name(audience, context.engine.snapshot, s)}</b>")]
    n = len(found.people)
    if not n:
        lines.append(s._("Nobody among them can be reached and wants such notices. Choose other followers."))
    else:
        lines.append(s.ngettext("{n} person gets it.", "{n} people get it.", n))
    if found.unwilling:
        lines.append(s.ngettext("{n} more wants no such notices.", "{n} more want no such notices.", found.unwilling))
    if found.later and found.until:
        until = found.until.astimezone(ZONE).strftime(progress.CLOCK)
        lines.append(
            s._("Only after their quiet hours: {n} of them, the last at {time}.", n=s.number(found.later), time=until)
        )
    awake = n - found.later
    if awake:
        per_second = context.services.settings.messages_per_second
        lines.append(s._("Time it takes: {time}.", time=progress.lasting(awake, per_second, s)))
    return lines


def _warnings(context: BotContext, s: Speech, data: Data) -> list[str]:
    """What may be a mistake: the very same went out before, or another one is going out."""
    people, lines = context.people, []
    for notice in people.notices.broadcasts():
        if (notice.text_id, notice.text_en) == (data["text_id"], data["text_en"]):
            lines.append(s._("⚠️ The very same texts went out before:") + " " + progress.heading(context, notice, s))
        elif people.notices.progress(notice.id).waiting and notice.state != "stopped":
            lines.append(
                s._("Going out at this moment, and before this one:") + " " + progress.heading(context, notice, s)
            )
    return ["", *lines] if lines else []
