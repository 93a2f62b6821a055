"""An officer's proposal, in words: its text, the other language, the year, where it is published, or the document itself."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.asked import QUESTION_WORDS, answered
from handlers.shared.buttons import CORRECT
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import html, words
from handlers.staff import sources
from handlers.staff.attached import MAX_MEGABYTES, TooLarge, attached
from handlers.staff.correction_form import KIND, Data, ask_next, nothing_new, proposal_of, step, still_theirs
from handlers.staff.drafts import Typed, awaited, not_in, rest_of_it, rest_refused, taken, too_long, wordless
from handlers.staff.gate import Gate
from knowledge.errors import InvalidDataError
from knowledge.fields import MAX_TEXT, clean
from knowledge.language import surely
from knowledge.model import Language
from knowledge.proposing import stands_already

MAX_REMARK: Final = 1000
"""Characters of a remark: it is read with all around it in one message."""


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for it."""
    return [gate.message(Typed(people, KIND, files=True), take_words, Role.OFFICER, edited=True)]


# ------------------------------------------------------------------------------------------------------------ what is said


async def take_words(update: Update, context: BotContext) -> None:
    """Take what is asked for now, a text or a document, or a text as it was edited; where it cannot stand there, say why and
    ask again."""
    edited = taken(context.people, context.message, KIND) if update.edited_message else None
    draft = edited or awaited(context)
    if not await still_theirs(context, draft):
        return
    s = speech(draft.data["language"])
    trouble: str | None
    try:
        trouble = _take_edited(context, draft.data, s) if edited else await _take(context, draft, s)
    except InvalidDataError as error:
        trouble = html(s.told(error.saying))
    if trouble is not None:
        await ask_next(context, draft.id, draft.data, trouble)


async def _take(context: BotContext, draft: Draft, s: Speech) -> str | None:
    """Put what was said into the proposal; what is wrong with it is returned, as HTML, and None where nothing is to be said.

    Raises:
        InvalidDataError: it cannot stand there.
    """
    data, message = draft.data, context.message
    at, typed = step(data), words(message).strip()
    if message.document or message.photo:
        return _take_file(context, data, at, s)
    if not message.text:
        return s._("I can only read text here; please type it.")
    if at in ("text", "other", "done") and message.reply_to_message is None and await _answered(context, draft, s):
        return None
    if at in ("text", "other"):
        rest = rest_of_it(message, data)
        if rest or len(typed) > MAX_TEXT:
            data.update(too_long(message))
        if rest:
            return rest_refused(s)
        data["taken"] = {**data.get("taken", {}), str(message.message_id): at}
        return _take_text(context, data, at, typed, s)
    if at == "period":
        data["period"] = clean("cohorts", "year", _year(context, typed))
        return ""
    if at == "done":
        return s._("Your proposal is not sent yet. To send it, press “{button}” below.", button=s._("Send"))
    sources.take(context, data, typed)
    return nothing_new(data, s)


def _year(context: BotContext, typed: str) -> str:
    """The year that a text names with words around it that say no more ("tahun 2021"); else the text itself."""
    items = context.engine.reader.read(typed).items
    years = [item.value for item in items if item.kind == "year"]
    rest = [item for item in items if item.kind not in ("year", "stop") and item.value != "YEAR"]
    return years[0] if len(years) == 1 and not rest else typed


def _take_edited(context: BotContext, data: Data, s: Speech) -> str:
    """Put a text as it was edited into the proposal, in place of what it was before.

    Raises:
        InvalidDataError: it is too long.
    """
    at = data["taken"][str(context.message.message_id)]
    data.pop(at, None)
    return _take_text(context, data, at, words(context.message).strip(), s)


async def _answered(context: BotContext, draft: Draft, s: Speech) -> bool:
    """Whether a text is clearly a question rather than what is proposed, by its mark or its first word ("we were chosen" is
    none); then it is answered, and the proposal waits."""
    text = words(context.message)
    first = text.split(maxsplit=1)[0].casefold()
    if ("?" not in text and first not in QUESTION_WORDS) or await answered(context, text, plainly=True) is None:
        return False
    waits = s._("Your proposal is still here; write it below, or:")
    if step(draft.data) == "done":
        waits = s._("Your proposal is still here, and not sent yet:")
    sent = await context.say(
        Reply((waits,), InlineKeyboardMarkup([[key(CORRECT, s, s._("Go on"), "g", str(draft.id))]]))
    )
    context.work.later(lambda: context.people.drafts.update(draft.id, draft.data, sent))
    return True


def _take_text(context: BotContext, data: Data, at: str, typed: str, s: Speech) -> str:
    """Put a text into the proposal; what is wrong with it is returned, as HTML.

    Raises:
        InvalidDataError: it is too long.
    """
    made = proposal_of(data)
    text = clean("claims", made.other_column if at == "other" else made.column, typed)
    if wordless(text):
        return s._("Please write it in words.")
    if at == "other":
        return _in_language(context, data, at, text, s)
    if made.kind == "remark" and len(text) > MAX_REMARK:
        return s._("That is too long: at most {n} characters, please.", n=MAX_REMARK)
    said = proposal_of({**data, "text": text})
    if said.kind != "remark" and (known := stands_already(context.engine.snapshot, said)):
        return s._("That is what is recorded already: {text}", text=html(known.text(s.language)))
    for one in context.people.corrections.beside(said):
        if one.user_id == context.user_id and one.proposal.text == text:
            return s._("You have proposed just that already: no. {number}.", number=one.id)
    return _in_language(context, data, at, text, s)


def _in_language(context: BotContext, data: Data, at: str, text: str, s: Speech) -> str:
    """Put a text into the proposal, unless it is surely in the other language: that is asked about first, in the words that are
    returned. Remarks are for admins, in any language."""
    other: Language = "en" if data["language"] == "id" else "id"
    wanted = other if at == "other" else data["language"]
    found = surely(context.engine.reader.read(text).votes)
    if data["kind"] != "remark" and found not in (None, wanted):
        data["doubted"] = text
        return not_in(wanted, s)
    data[at] = text
    data.pop("doubted", None)
    return ""


def _take_file(context: BotContext, data: Data, at: str, s: Speech) -> str | None:
    """Keep the document that was sent as source; what is to be said of that is returned, as HTML, and None where nothing is."""
    if not context.first_of_album():
        return None
    if at != "source":
        return s._("Send the document when I ask where it is published.")
    try:
        data["document"] = attached(context.message)
    except TooLarge:
        return s._("That file is larger than {limit} MB. Send a smaller one, or its address.", limit=MAX_MEGABYTES)
    sources.begin_file(data)
    return s._("A proposal holds one document: the first of these is kept.") if context.message.media_group_id else ""
