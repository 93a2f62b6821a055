"""An unanswered question gets an answer written: in both languages, with its source and what it is about."""

from __future__ import annotations

from typing import Any, Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row
from handlers.shared.buttons import QUEUE, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import html, words
from handlers.staff import proposals, sources
from handlers.staff.drafts import Awaits, awaited
from handlers.staff.gate import Gate
from handlers.staff.proposal import Asked
from handlers.staff.proposals import to_cancel
from knowledge.changes import RowChange
from knowledge.editing import blank
from knowledge.errors import InvalidDataError
from knowledge.fields import clean

KIND: Final = "writing"
"""Of its drafts: the questions of a cluster, and what is known of the answer so far."""
PROGRAMME: Final = "programme"
MAX_OFFERED: Final = 6
"""Regions to choose from."""
ATTRIBUTE: Final = "answer"
"""What claims are called that were written as answers."""

Data = dict[str, Any]


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for it."""
    return [
        gate.button(QUEUE, begin, Role.ADMIN, "w"),
        gate.button(QUEUE, take_subject, Role.ADMIN, "p"),
        gate.button(QUEUE, take_source, Role.ADMIN, "u"),
        gate.message(Awaits(people, KIND), take_words, Role.ADMIN),
    ]


async def begin(update: Update, context: BotContext) -> None:
    """Ask for the answer."""
    s = speech(context.button.language)
    context.work.note("done", "writing", s.language)
    begun = await proposals.begun(context, KIND)
    if begun:
        await _go_on(context, s, *begun)


async def take_words(update: Update, context: BotContext) -> None:
    """Take what is asked for now; where it cannot stand there, say why and ask again."""
    s, message = context.speech, context.message
    draft = awaited(context)
    context.work.note("done", "writing", s.language)
    data, typed, trouble = draft.data, words(message), ""
    step = _step(context, data)
    try:
        if step in ("text_id", "text_en"):
            data[step] = clean("claims", step, typed)
        elif step == "subject":
            trouble = _take_region(context, data, s, typed)
        elif step == "source":
            sources.take(context, data, typed)
    except InvalidDataError as error:
        trouble = html(s.told(error.saying))
    await _go_on(context, s, draft.id, data, trouble)


def _take_region(context: BotContext, data: Data, s: Speech, typed: str) -> str:
    """Take the region that was typed; where several may be meant, offer them. What is wrong is returned, as HTML."""
    found = [region.code for region in context.engine.search.regions(typed)[:MAX_OFFERED]]
    if len(found) == 1:
        data["subject"] = found[0]
    else:
        data["offered"] = found
    return "" if found else s._("I know of no such region. Type its name again.")


async def take_subject(update: Update, context: BotContext) -> None:
    """Take what the answer is about."""
    await _pressed(context, "subject")


async def take_source(update: Update, context: BotContext) -> None:
    """Take what was pressed while the source is asked for."""
    await _pressed(context, "source")


async def _pressed(context: BotContext, wanted: str) -> None:
    s, what = speech(context.button.language), argument(context, 2)
    draft = context.people.drafts.get(number(context, 1), context.user_id)
    context.work.note("done", "writing", s.language)
    if draft is None or draft.kind != KIND or _step(context, draft.data) != wanted:
        await context.seen(s._("This was finished or dropped before, or is older than a day."), alert=True)
        return
    if wanted == "source":
        sources.press(context, draft.data, what)
    elif what in _subjects(context, draft.data):
        draft.data["subject"] = what
    else:
        raise StaleButton(what)
    await context.seen()
    await _go_on(context, s, draft.id, draft.data)


async def _go_on(context: BotContext, s: Speech, id: int, data: Data, trouble: str = "") -> None:
    """Ask for the next thing; where all is known, show what it would change."""
    step = _step(context, data)
    if step == "done":
        await context.say(await proposals.offer(context, s, _proposal(context, data), id), quote=False)
        return
    rows: list[Row] = []
    if step == "subject":
        text = s._("What is the answer about? Choose, or type the name of a region.")
        rows = [[key(QUEUE, s, label, "p", str(id), subject)] for subject, label in _subjects(context, data, s).items()]
    elif step == "source":
        text, rows = sources.prompt(context, data, s, _key(s, id))
    else:
        example = html(next(iter(data["examples"].values())))
        texts = {
            "text_id": s._("<i>{question}</i>\nWrite the answer in <b>Indonesian</b>, a sentence or two.", question=example),
            "text_en": s._("The same in <b>English</b>, please."),
        }  # fmt: skip
        text = texts[step]
    said = f"{trouble}\n\n{text}" if trouble else text
    sent = await context.say(Reply((said,), InlineKeyboardMarkup([*rows, to_cancel(s, id)])), quote=False)
    context.work.later(lambda: context.people.drafts.update(id, data, sent))


def _step(context: BotContext, data: Data) -> str:
    """What is asked for now; the source is begun where it is next."""
    for step in ("text_id", "text_en"):
        if step not in data:
            return step
    if "subject" not in data:
        subjects = list(_subjects(context, data))
        if len(subjects) > 1:
            return "subject"
        data["subject"] = subjects[0]
    if "source" not in data:
        sources.begin(data)
    return "done" if sources.chosen(data) else "source"


def _subjects(context: BotContext, data: Data, s: Speech | None = None) -> dict[str, str]:
    """What the answer may be about, by its code or "programme", with its name: first the regions that the question names and
    those that may have been typed."""
    engine = context.engine
    slots = engine.parser.slots(engine.reader.read(next(iter(data["examples"].values()))).items)
    codes = [*(place.region for place in slots.found.places), *slots.found.provinces, *data.get("offered", ())]
    language = s.language if s else "id"
    named = {code: engine.snapshot.regions[code].label(language) for code in codes}
    return {**named, PROGRAMME: s._("The programme") if s else ""}


def _proposal(context: BotContext, data: Data) -> proposals.Proposal:
    id, source, about = proposals.next_claim(context), sources.source_id(data), data["subject"]
    subject = about if about == PROGRAMME else f"region:{about}"
    row = blank(
        "claims", id=id, subject=subject, attribute=ATTRIBUTE, period="all", text_id=data["text_id"],
        text_en=data["text_en"], status="stated", sources=source,
    )  # fmt: skip
    asks = Asked(data["language"], data["examples"])
    rows = [*sources.row_changes(data), RowChange("claims", None, row)]
    return proposals.proposed(asks, "answer", rows, source, id)


def _key(s: Speech, id: int) -> sources.Key:
    def made(label: str, what: str) -> InlineKeyboardButton:
        return key(QUEUE, s, label, "u", str(id), what)

    return made
