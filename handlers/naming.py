"""An unanswered question is asked in other words: another name of a region, or of what a statement tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from telegram import ForceReply, InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row
from handlers.shared.buttons import QUEUE, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import words
from handlers.staff import proposals
from handlers.staff.clusters import meant
from handlers.staff.drafts import Awaits, awaited
from handlers.staff.gate import Gate
from handlers.staff.keys import argument, key, number
from handlers.staff.proposal import Asked, asked, html
from knowledge.changes import RowChange
from knowledge.editing import blank
from knowledge.fields import MAX_LINE

KIND: Final = "naming"
"""Of its drafts: the language and the questions of a cluster."""
MAX_OFFERED: Final = 6
"""Regions to choose from."""
MAX_CLAIMS: Final = 4
"""Statements to choose from."""
NEAR: Final = 0.5
"""Share of the typed words that a statement must account for to be offered."""
KINDS: Final = {"n": "nickname", "s": "spelling"}
"""Kinds of a new name, by the letter that stands for them in a button."""
SOURCE: Final = "questions that people asked"


class Naming(NamedTuple):
    """What a button of this file says."""

    draft: Draft
    asked: Asked


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for it."""
    return [
        gate.button(QUEUE, begin, Role.ADMIN, "a"),
        gate.button(QUEUE, take_region, Role.ADMIN, "r"),
        gate.button(QUEUE, take_stretch, Role.ADMIN, "s"),
        gate.button(QUEUE, take_kind, Role.ADMIN, "k"),
        gate.button(QUEUE, take_claim, Role.ADMIN, "c"),
        gate.message(Awaits(people, KIND), offer, Role.ADMIN),
    ]


async def begin(update: Update, context: BotContext) -> None:
    """Ask what is meant."""
    s, cluster = speech(context.button.language), await meant(context)
    context.work.note("done", "naming", s.language)
    if cluster is None:
        await context.seen(s._("This was decided on meanwhile."), alert=True)
    elif await context.seen_once():
        about = asked(cluster)
        data = {"language": about.language, "examples": about.examples}
        id = context.people.drafts.begin(context.user_id, KIND, data, update_id=context.work.update_id)
        text = s._("What do they mean? Type the name of a region, or a few words about the topic.")
        await _prompt(context, s, id, data, text)


async def offer(update: Update, context: BotContext) -> None:
    """Offer the regions and statements that the text may mean."""
    s, message, engine = context.speech, context.message, context.engine
    draft = awaited(context)
    context.work.note("done", "naming", s.language)
    typed = words(message)
    regions = engine.search.regions(typed)[:MAX_OFFERED]
    content = engine.parser.content(engine.parser.slots(engine.reader.read(typed).items))
    claims = [c.claim for c in engine.facts.rank(content) if c.claim.text_id and c.coverage >= NEAR][:MAX_CLAIMS]
    if not regions and not claims:
        await _prompt(context, s, draft.id, draft.data, s._("I find nothing of that kind. Type another word for it."))
        return
    id = str(draft.id)
    rows: list[Row] = [[key(QUEUE, s, region.label(s.language), "r", id, region.code)] for region in regions]
    rows += [[key(QUEUE, s, f"{claim.id}: {claim.text(s.language)}", "c", id, claim.id)] for claim in claims]
    lines = [s._("What is meant? If it is not among these, type other words."), ""]
    lines += [f"<b>{claim.id}</b>: {html(claim.text(s.language))}" for claim in claims]
    sent = await context.say(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)))
    context.work.later(lambda: context.people.drafts.update(draft.id, draft.data, sent))


async def take_region(update: Update, context: BotContext) -> None:
    """A region is meant: propose the one word nobody knows as its new name, or ask which words are it."""
    s, naming, code = speech(context.button.language), await _naming(context), argument(context, 2)
    if naming is None:
        return
    found = _stretches(context, naming.asked)
    if not found:
        await context.replace(Reply((s._("There is no word in it that could be a name."),)))
    elif len(found) == 1:
        await context.replace(_kinds(context, s, naming, code, 0))
    else:
        id = str(naming.draft.id)
        rows = [[key(QUEUE, s, said, "s", id, code, str(at))] for at, said in enumerate(found)]
        await context.replace(Reply((s._("Which words are the new name?"),), InlineKeyboardMarkup(rows)))


async def take_stretch(update: Update, context: BotContext) -> None:
    """These words are the name: ask which kind of name it is."""
    s, naming = speech(context.button.language), await _naming(context)
    if naming:
        await context.replace(_kinds(context, s, naming, argument(context, 2), number(context, 3)))


async def take_kind(update: Update, context: BotContext) -> None:
    """All is known of the new name: show what it would change."""
    s, naming, letter = speech(context.button.language), await _naming(context), argument(context, 4)
    if naming is None:
        return
    if letter not in KINDS:
        raise StaleButton(letter)
    said = _stretch(context, naming, number(context, 3))
    row = blank("aliases", region_code=_region(context, argument(context, 2)), alias=said, kind=KINDS[letter])
    proposal = proposals.proposed(naming.asked, "alias", [RowChange("aliases", None, row)], SOURCE)
    await context.replace(await proposals.offer(context, s, proposal, naming.draft.id))


async def take_claim(update: Update, context: BotContext) -> None:
    """A statement answers it: show what teaching that would change."""
    s, naming, claim = speech(context.button.language), await _naming(context), argument(context, 2)
    if naming is None:
        return
    if claim not in context.engine.snapshot.claims:
        raise StaleButton(claim)
    proposal = proposals.proposed(naming.asked, "phrasing", source=SOURCE, claim=claim)
    await context.replace(await proposals.offer(context, s, proposal, naming.draft.id))


# ---------------------------------------------------------------------------------------------------------------- parts


async def _naming(context: BotContext) -> Naming | None:
    """The draft of the pressed button; where it is gone that is said."""
    s = speech(context.button.language)
    draft = context.people.drafts.get(number(context, 1), context.user_id)
    context.work.note("done", "naming", s.language)
    if draft is None or draft.kind != KIND:
        await context.seen(s._("This was finished or dropped before, or is older than a day."), alert=True)
        return None
    await context.seen()
    return Naming(draft, Asked(draft.data["language"], draft.data["examples"]))


def _stretches(context: BotContext, about: Asked) -> list[str]:
    """The words of its questions that may be a name: those that nobody knows; where there are none, any with a meaning."""
    readings = [context.engine.reader.read(text) for text in about.examples.values()]
    strange = [said for reading in readings for said in reading.strange()]
    if not strange:
        strange = [r.as_typed(i.said) for r in readings for i in r.items if i.kind not in ("stop", "year", "number")]
    once = {said.casefold(): said for said in reversed(strange) if len(said) <= MAX_LINE}
    return list(reversed(once.values()))[: 2 * MAX_OFFERED]


def _stretch(context: BotContext, naming: Naming, at: int) -> str:
    found = _stretches(context, naming.asked)
    if at >= len(found):
        raise StaleButton(str(at))
    return found[at]


def _region(context: BotContext, code: str) -> str:
    if code not in context.engine.snapshot.regions:
        raise StaleButton(code)
    return code


def _kinds(context: BotContext, s: Speech, naming: Naming, code: str, at: int) -> Reply:
    region = context.engine.snapshot.regions[_region(context, code)].label(s.language)
    said, id = _stretch(context, naming, at), str(naming.draft.id)
    labels = {"n": s._("A nickname"), "s": s._("A way of writing it")}
    rows = [[key(QUEUE, s, label, "k", id, code, str(at), letter)] for letter, label in labels.items()]
    text = s._('What kind of name is "{alias}" for {region}?', alias=html(said), region=region)
    return Reply((text,), InlineKeyboardMarkup(rows))


async def _prompt(context: BotContext, s: Speech, id: int, data: Mapping[str, object], text: str) -> None:
    placeholder = s._("for example: Klaten")
    sent = await context.say(Reply((text,), markup=ForceReply(input_field_placeholder=placeholder)), quote=False)
    context.work.later(lambda: context.people.drafts.update(id, data, sent))
