"""Asking: free text in private, /tanya and /ask, replies to the bot in groups, and edits of what was asked."""

from __future__ import annotations

from functools import partial

from telegram import ForceReply, Update
from telegram.ext import CommandHandler, MessageHandler, filters

from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.asked import asked, asks, give, note, welcome_in_group
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import after_command, command, names, status_question, without_name, words
from handlers.staff.unread import cannot_read

_FROM_PEOPLE = ~filters.VIA_BOT & filters.UpdateType.MESSAGE


def handlers() -> Handlers:
    """What is registered for asking."""
    text = filters.TEXT | filters.CAPTION
    return [
        CommandHandler(commands.ASK.names, ask_by_command, filters=_FROM_PEOPLE),
        MessageHandler(_FROM_PEOPLE & text & ~filters.COMMAND & filters.ChatType.PRIVATE, ask),
        MessageHandler(_FROM_PEOPLE & text & ~filters.COMMAND & filters.ChatType.GROUPS, ask_in_group),
        MessageHandler(filters.UpdateType.EDITED_MESSAGE & text & ~filters.VIA_BOT, ask_again_edited),
    ]


async def ask(update: Update, context: BotContext) -> None:
    """Answer what was typed in private; what only tells of the picture or document that it stands below gets the answer to that."""
    text = words(context.message)
    if context.message.caption and _tells(context, text):
        await cannot_read(context)
        return
    context.first_of_album()  # its other pictures then need no answer
    await give(context, text)


def _tells(context: BotContext, text: str) -> bool:
    """Whether a text is neither a question nor the name of a region, nor small talk: "this is the letter" may find a statement."""
    answer = asked(context, text).answer
    return not asks(context, text) and (answer.outcome == "unknown" or answer.kind == "fact")


async def ask_by_command(update: Update, context: BotContext) -> None:
    """Answer the question behind /tanya, or ask for it."""
    text = after_command(words(context.message))
    if text:
        await give(context, text, addressed=True)
        return
    s = context.speech
    example = s._("for example: is Klaten a participant?")
    prompt = ForceReply(selective=True, input_field_placeholder=example)
    await context.say(Reply((_prompt(s),), markup=prompt), quote=True)
    context.work.note("done", "prompt", s.language)


async def ask_in_group(update: Update, context: BotContext) -> None:
    """Answer in a group where the bot is spoken to: a reply to it, or its name. All else is none of its business."""
    message = context.message
    if message.from_user and message.from_user.is_bot and not message.sender_chat:
        return
    text, answered = words(message), message.reply_to_message
    replied = answered and answered.from_user and answered.from_user.id == context.bot.id
    if replied or names(text, context.bot.username):
        prompts = {_prompt(speech("id")), _prompt(speech("en"))}
        asked_for = bool(replied and answered and answered.text in prompts)
        await give(context, without_name(text, context.bot.username), addressed=asked_for)


async def ask_again_edited(update: Update, context: BotContext) -> None:
    """Answer an edited question by editing its answer."""
    message = context.message
    before = context.people.inbox.answers_to(message.chat.id, message.message_id)
    text = words(message)
    name, to = command(text)
    if name:
        known = name in (*commands.ASK.names, *commands.STATUS.names)
        if not known or to.lower() not in ("", context.bot.username.lower()):
            return
        text = after_command(text)
        if text and name in commands.STATUS.names:
            text = status_question(text, context.engine.snapshot)
    if not text or not (before or context.private or name):
        return
    turn = asked(context, text)
    said = context.dressed(turn.answer)
    if not context.private and not welcome_in_group(turn.answer, bool(name)):
        said = Reply(())
    at, last = 0, len(said.parts) - 1
    for message_id in before:
        keyboard = said.keyboard if at == last else None
        if at > last:
            await context.outbox.delete(context.chat_id, message_id)
        elif await context.outbox.edit(said.parts[at], keyboard, chat_id=context.chat_id, message_id=message_id):
            at += 1
        else:
            context.work.later(partial(context.people.inbox.gone, context.chat_id, message_id))
    if at <= last:
        await context.say(Reply(said.parts[at:], said.keyboard), question=text)
    context.work.later(lambda: context.people.inbox.reworded(context.chat_id, message.message_id, text))
    note(context, turn, text)


def _prompt(s: Speech) -> str:
    return s._("What would you like to know? Reply to this message with your question.")
