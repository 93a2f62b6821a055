"""What an officer is asked while they propose something, step by step, and how the whole is shown before it is sent.

How far it is stands in a draft. Asked for are, in this order: how it shall read, the same in the other language (or not), the
year where it is new, and where it is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.people.corrections import Correction
from handlers.people.drafts import Draft
from handlers.rendering import Speech, speech
from handlers.rendering.columns import choice_name
from handlers.shared.answers import Row
from handlers.shared.buttons import CORRECT
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.words import html, shorten
from handlers.staff import sources
from handlers.staff.correction_diff import MAX_SHOWN, diff, head
from handlers.staff.corrections import answers_for, not_yours
from handlers.staff.drafts import as_it_is, pressed
from handlers.staff.entries import rows_of
from handlers.staff.forms import YEARS
from knowledge import store
from knowledge.proposing import Proposal, line_named

KIND: Final = "correct"
"""Of its drafts."""
PERIODS: Final = ("all", "later", *YEARS)

Data = dict[str, Any]


def begun(proposal: Proposal, before: Mapping[str, str] | None) -> Data:
    """The data of a new draft."""
    return {
        "kind": proposal.kind, "region": proposal.region, "line": proposal.line, "language": proposal.language,
        "claim": proposal.claim, "before": dict(before) if before else None, "spoken": proposal.language,
        **({"period": proposal.period} if proposal.period else {}),
    }  # fmt: skip


def proposal_of(data: Data) -> Proposal:
    """What is proposed so far."""
    return Proposal(
        data["kind"], data["region"], data["line"], data["language"], data["claim"], data.get("text", ""), data.get("other", ""),
        data.get("period", ""),
    )  # fmt: skip


def correction_of(draft: Draft, member: int) -> Correction:
    """A finished draft as it is kept. ``member``: the officer's number."""
    data = draft.data
    return Correction(
        proposal_of(data), draft.user_id, member, data["before"], sources.given(data), data.get("document", ""),
        token=draft.token,
    )  # fmt: skip


def step(data: Data) -> str:
    """What is asked for now; the source is begun where it is next."""
    if "text" not in data:
        return "text"
    if data["kind"] != "remark" and data["text"] and "other" not in data:
        return "other"
    if data["kind"] == "add" and "period" not in data:
        return "period"
    if "source" not in data:
        worded = bool(data["before"]) and bool(data["text"])
        sources.begin(data, same=worded, file=True)
    return "done" if sources.chosen(data) else "source"


def renewed(context: BotContext, data: Data, s: Speech) -> str:
    """Put the statement as it stands at this moment into a proposal on it; what is to be said of that is returned, as HTML:
    nothing where it stands as it was shown."""
    if data["before"] is None:
        return ""
    now = store.claims(context.services.knowledge_dir).get(data["claim"])
    if now == data["before"]:
        return ""
    data["before"] = dict(now) if now else None
    if now:
        return s._("The statement was changed meanwhile. Please check your proposal on it as it stands now.")
    data["claim"] = ""
    if data["kind"] == "edit":
        data["kind"] = "add"
    for name in ("text", "source") if not data["text"] else ("source",) if sources.given(data) == {"id": ""} else ():
        del data[name]
    return s._("The statement was retired meanwhile. What you propose would be a new one.")


def nothing_new(data: Data, s: Speech) -> str:
    """Ask again where a further source is one that the statement has; that is said, as HTML."""
    had = (data["before"] or {}).get("sources", "").split(";")
    if data["text"] or not sources.chosen(data) or sources.given(data).get("id", "") not in had:
        return ""
    sources.begin(data, file=True)
    return s._("The statement rests on that source already. Name another one.")


async def ask_next(context: BotContext, draft: int, data: Data, trouble: str = "") -> None:
    """Ask for what is missing, or show the whole. ``trouble``: why the answer before will not do, as HTML."""
    s, at = speech(data["language"]), step(data)
    context.work.note("done", "correct", s.language)
    text, rows = _asked(context, draft, data, at, s)
    if data.get("doubted") and at in ("text", "other"):
        rows = [[_key(s, str(draft), "a", as_it_is(s))], *rows]
    said = f"❗ {trouble}\n\n{text}" if trouble else text
    sent = await context.say(
        Reply((said,), InlineKeyboardMarkup([*rows, [key(CORRECT, s, s._("Cancel"), "x", str(draft))]]))
    )
    context.work.later(lambda: context.people.drafts.update(draft, data, sent))


def _asked(context: BotContext, draft: int, data: Data, at: str, s: Speech) -> tuple[str, list[Row]]:
    make = partial(_key, s, str(draft))
    match at:
        case "text":
            return _text(context, data, s, make)
        case "other":
            text = {
                "id": s._("The same in <b>Indonesian</b>? That spares the admins a translation."),
                "en": s._("The same in <b>English</b>? That spares the admins a translation."),
            }["en" if data["language"] == "id" else "id"]
            before = (data["before"] or {}).get(proposal_of(data).other_column, "")
            text += "\n" + s._("Now: {value}", value=html(shorten(before, MAX_SHOWN))) if before else ""
            return text, [[make("k", s._("Leave that to the admins"))]]
        case "period":
            buttons = rows_of((make("y", choice_name(p, s), str(n)) for n, p in enumerate(PERIODS)), 3)
            return s._("Which year does it speak of?"), buttons
        case "source":
            return sources.prompt(context, data, s, lambda label, what: make("u", label, what))
    return _whole(context, data, s, make)


def _text(context: BotContext, data: Data, s: Speech, make: partial[InlineKeyboardButton]) -> tuple[str, list[Row]]:
    """Ask how it shall read, or what is to be said to the admins."""
    above, proposal, before = (
        head(data["region"], data["line"], context.engine.snapshot, s),
        proposal_of(data),
        data["before"],
    )
    now = before.get(proposal.column) or before.get("value", "") if before else ""
    if proposal.kind == "remark":
        text = s._("What is wrong, and what does the source say? An admin reads it and decides what is changed.")
        if line_named(data["line"]).of == "cohort":
            text = s._(
                "What is wrong, and what does the source say? It concerns all regions of the cohort: an admin reads it and decides "
                "what is changed."
            )
        return f"{above}\n{text}", []
    language = {"id": s._("Write in <b>Indonesian</b>."), "en": s._("Write in <b>English</b>.")}[data["language"]]
    if proposal.kind == "add" and line_named(data["line"]).of == "cohort":
        text = s._("How was it in your region? Write it as it shall stand in an answer, a sentence or two.")
        alone = s._("It is told of your region alone; what is recorded of the cohort stays.")
        return f"{above}\n{text} {language} {alone}", []
    if proposal.kind == "add":
        text = s._("What is missing? Write it as it shall stand in an answer, a sentence or two.")
        return f"{above}\n{text} {language}", []
    lines = [above, s._("How should it read? Write it as it shall stand in an answer.") + f" {language}"]
    if now:
        lines.append(s._("Now: {value}", value=html(shorten(now, MAX_SHOWN))))
    return "\n".join(lines), [
        [make("o", s._("It is right: I have a further source"))],
        [make("r", s._("It is wrong altogether"))],
    ]


def _whole(context: BotContext, data: Data, s: Speech, make: partial[InlineKeyboardButton]) -> tuple[str, list[Row]]:
    """Show all of it before it is sent."""
    made = Correction(proposal_of(data), 0, 0, data["before"], sources.given(data), data.get("document", ""))
    lines = [s._("<b>Please check</b>"), *diff(made, context.engine.snapshot, s)]
    for one in context.people.corrections.beside(made.proposal):
        own = one.user_id == context.user_id
        waits = s._("Your proposal no. {number} on this waits already.", number=one.id) if own else s._("Proposal no. {number} of another officer on this waits already.", number=one.id)  # fmt: skip
        lines.append(waits)
    lines += ["", s._("An admin decides. Until then nothing changes.")]
    rows = [[make("s", s._("Send"))], [make("t", s._("Change the text")), make("f", s._("Change the source"))]]
    return "\n".join(lines), rows


def _key(s: Speech, draft: str, verb: str, label: str, *more: str) -> InlineKeyboardButton:
    """A button of the draft."""
    return key(CORRECT, s, label, verb, draft, *more)


# ------------------------------------------------------------------------------------------------------ the draft of a press


async def at_step(context: BotContext, wanted: str) -> Draft | None:
    """The draft of the pressed button, if it is at that step; else that is said."""
    draft = await opened(context, seen=False)
    if draft is None:
        return None
    if step(draft.data) == wanted:
        await context.seen()
        return draft
    await context.seen(speech(context.button.language)._("Already answered below."))
    return None


async def opened(context: BotContext, *, seen: bool = True) -> Draft | None:
    """The draft of the pressed button, while its region is one of the person's; else that is said."""
    context.work.note("done", "correct", context.button.language)
    draft = await pressed(context, KIND)
    if draft is None or not await still_theirs(context, draft):
        return None
    if seen:
        await context.seen()
    return draft


async def still_theirs(context: BotContext, draft: Draft) -> bool:
    """Whether the person still answers for the region; else the draft goes, and that is said."""
    code = draft.data["region"]
    if answers_for(context, code):
        return True
    s = speech(draft.data["language"])
    context.work.note("refused", "correct", s.language)
    context.work.later(lambda: context.people.drafts.drop(draft.id))
    if context.received.callback_query:
        await context.seen()
    await context.say(Reply((not_yours(context, code, s),)))
    return False
