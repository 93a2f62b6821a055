"""An unanswered question is asked in other words: another name of a region, or of what a statement tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from telegram import InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row
from handlers.shared.buttons import QUEUE, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import html, words
from handlers.staff import proposals
from handlers.staff.drafts import Awaits, awaited, pressed
from handlers.staff.gate import Gate
from handlers.staff.proposal import Asked
from handlers.staff.proposals import to_cancel
from knowledge.changes import RowChange
from knowledge.editing import blank
from knowledge.errors import InvalidDataError
from knowledge.fields import MAX_LINE, clean

KIND: Final = "naming"
"""Of its drafts: the language and the questions of a cluster; then the region that is meant, and a name that was typed."""
MAX_OFFERED: Final = 6
"""Regions to choose from."""
MAX_CLAIMS: Final = 4
"""Statements to choose from."""
NEAR: Final = 0.5
"""Share of the typed words that a statement must account for to be offered."""
KINDS: Final = {"n": "nickname", "s": "spelling"}
"""Kinds of a new name, by the letter that stands for them in a button."""
TYPED: Final = "t"
"""Stands in a button for the name that was typed."""


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
        gate.message(Awaits(people, KIND), take_words, Role.ADMIN),
    ]


async def begin(update: Update, context: BotContext) -> None:
    """Ask what is meant."""
    s = speech(context.button.language)
    context.work.note("done", "naming", s.language)
    begun = await proposals.begun(context, KIND)
    if begun:
        text = s._("What do they mean? Type the name of a region, for example Klaten, or a few words about the topic.")
        await _prompt(context, s, *begun, text)


async def take_words(update: Update, context: BotContext) -> None:
    """Take the new name where that is asked for; else offer the regions and statements that the text may mean."""
    s, draft, typed = context.speech, awaited(context), words(context.message)
    context.work.note("done", "naming", s.language)
    if "region" in draft.data:
        await _take_name(context, s, draft, typed)
    else:
        await _offer(context, s, draft, typed)


async def _offer(context: BotContext, s: Speech, draft: Draft, typed: str) -> None:
    engine = context.engine
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
    rows.append(to_cancel(s, draft.id))
    sent = await context.say(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)))
    context.work.later(lambda: context.people.drafts.update(draft.id, draft.data, sent))


async def _take_name(context: BotContext, s: Speech, draft: Draft, typed: str) -> None:
    try:
        name = clean("aliases", "alias", typed)
    except InvalidDataError as error:
        await _prompt(context, s, draft.id, draft.data, html(s.told(error.saying)))
        return
    data = {**draft.data, "name": name}
    await context.say(_kinds(context, s, Naming(replace(draft, data=data), _asked(draft)), data["region"], TYPED))
    context.work.later(lambda: context.people.drafts.update(draft.id, data))


async def take_region(update: Update, context: BotContext) -> None:
    """A region is meant: ask which words are its new name."""
    s, naming, code = speech(context.button.language), await _naming(context), argument(context, 2)
    if naming is None:
        return
    region, draft, asked_in = (
        context.engine.snapshot.regions[_region(context, code)],
        naming.draft,
        context.query.message,
    )
    offered = enumerate(_names(context, naming.asked))
    rows: list[Row] = [[key(QUEUE, s, said, "s", str(draft.id), code, str(at))] for at, said in offered]
    text = s._(
        "What do they call {region}? Choose, or type the name as it is written.", region=region.label(s.language)
    )
    await context.replace(Reply((text,), InlineKeyboardMarkup([*rows, to_cancel(s, draft.id)])))
    data, prompt = {**draft.data, "region": code}, asked_in.message_id if asked_in else 0
    context.work.later(lambda: context.people.drafts.update(draft.id, data, prompt))


async def take_stretch(update: Update, context: BotContext) -> None:
    """These words are the name: ask which kind of name it is."""
    s, naming = speech(context.button.language), await _naming(context)
    if naming:
        await context.replace(_kinds(context, s, naming, argument(context, 2), argument(context, 3)))
        context.work.later(lambda: context.people.drafts.update(naming.draft.id, naming.draft.data))


async def take_kind(update: Update, context: BotContext) -> None:
    """All is known of the new name: show what it would change."""
    s, naming, letter = speech(context.button.language), await _naming(context), argument(context, 4)
    if naming is None:
        return
    if letter not in KINDS:
        raise StaleButton(letter)
    said = _name(context, naming, argument(context, 3))
    row = blank("aliases", region_code=_region(context, argument(context, 2)), alias=said, kind=KINDS[letter])
    proposal = proposals.proposed(naming.asked, "alias", [RowChange("aliases", None, row)])
    await context.replace(await proposals.offer(context, s, proposal, naming.draft.id))


async def take_claim(update: Update, context: BotContext) -> None:
    """A statement answers it: show what teaching that would change."""
    s, naming, claim = speech(context.button.language), await _naming(context), argument(context, 2)
    if naming is None:
        return
    if claim not in context.engine.snapshot.claims:
        raise StaleButton(claim)
    proposal = proposals.proposed(naming.asked, "phrasing", claim=claim)
    await context.replace(await proposals.offer(context, s, proposal, naming.draft.id))


# ---------------------------------------------------------------------------------------------------------------- parts


async def _naming(context: BotContext) -> Naming | None:
    """The draft of the pressed button; where it is gone that is said."""
    context.work.note("done", "naming", context.button.language)
    draft = await pressed(context, KIND)
    if draft is None:
        return None
    await context.seen()
    return Naming(draft, _asked(draft))


def _asked(draft: Draft) -> Asked:
    return Asked(draft.data["language"], draft.data["examples"])


def _names(context: BotContext, about: Asked) -> list[str]:
    """The words of its questions that may be a name: those that nobody knows; where there are none, any with a meaning."""
    readings = [context.engine.reader.read(text) for text in about.examples.values()]
    strange = [said for reading in readings for said in reading.strange()]
    if not strange:
        strange = [r.as_typed(i.said) for r in readings for i in r.items if i.kind not in ("stop", "year", "number")]
    once = {said.casefold(): _capital(said) for said in reversed(strange) if len(said) <= MAX_LINE}
    return list(reversed(once.values()))[: 2 * MAX_OFFERED]


def _capital(said: str) -> str:
    """Words as a name: each with a capital letter."""
    return " ".join(word[:1].upper() + word[1:] for word in said.split())


def _name(context: BotContext, naming: Naming, at: str) -> str:
    """The name that a button stands for: one that was offered, or the one that was typed."""
    if at == TYPED and "name" in naming.draft.data:
        return str(naming.draft.data["name"])
    found = _names(context, naming.asked)
    if not at.isdecimal() or int(at) >= len(found):
        raise StaleButton(at)
    return found[int(at)]


def _region(context: BotContext, code: str) -> str:
    if code not in context.engine.snapshot.regions:
        raise StaleButton(code)
    return code


def _kinds(context: BotContext, s: Speech, naming: Naming, code: str, at: str) -> Reply:
    region = context.engine.snapshot.regions[_region(context, code)].label(s.language)
    said, id = _name(context, naming, at), str(naming.draft.id)
    labels = {"n": s._("A nickname"), "s": s._("A way of writing it")}
    rows = [[key(QUEUE, s, label, "k", id, code, at, letter)] for letter, label in labels.items()]
    rows.append(to_cancel(s, naming.draft.id))
    text = s._('What kind of name is "{alias}" for {region}?', alias=html(said), region=region)
    return Reply((text,), InlineKeyboardMarkup(rows))


async def _prompt(context: BotContext, s: Speech, id: int, data: Mapping[str, object], text: str) -> None:
    sent = await context.say(Reply((text,), InlineKeyboardMarkup([to_cancel(s, id)])), quote=False)
    context.work.later(lambda: context.people.drafts.update(id, data, sent))
