"""What the bot cannot read: said once, with what can be done instead, or with what is being asked for."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from handlers.people.staff import Role
from handlers.shared import commands
from handlers.shared.answers import start_rows
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.staff.drafts import awaiting, form_speech, sent


async def cannot_read(context: BotContext) -> None:
    """Say what can be done instead of a picture, a voice message, a place; once for an album. Where a form waits for a text,
    what it asks for is quoted."""
    context.work.note("unknown", "media", context.language)
    if not context.first_of_album():
        return
    message, s = context.message, context.speech
    draft = awaiting(context.people, message)
    if draft and not sent(draft):
        told = form_speech(context, draft.data)
        text = told._(
            "I can only read text here; please type it. /{command} stops this.", command=commands.CANCEL.name(told)
        )
        prompt = await context.outbox.send(context.chat_id, text, quote=draft.prompt_id, question_id=message.message_id)
        context.work.later(lambda: context.people.drafts.update(draft.id, draft.data, prompt))
        return
    if message.voice or message.audio or message.video_note:
        text = s._("I cannot listen yet; please type your question, for example: is Klaten a participant?")
    elif message.location or message.venue:
        text = s._("I cannot read places on the map; please type the name of the regency, city or district.")
    else:
        text = s._("I can only read text; please type your question, for example: is Klaten a participant?")
    if (message.document or message.photo) and context.people.staff.role(context.user_id) == Role.NONE:
        begin = commands.MY_REGION.name(s)
        text += " " + s._("To send a letter as officer of a region, begin with /{command}.", command=begin)
    await context.say(Reply((text,), InlineKeyboardMarkup(start_rows(s))))
