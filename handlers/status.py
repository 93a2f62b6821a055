"""A region's status card: /status, the buttons that show one, and the card as a page to forward or print."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Final

from telegram import ForceReply, InlineKeyboardMarkup, Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from handlers.people import moment
from handlers.people.impersonal import today
from handlers.rendering import Speech, speech
from handlers.rendering.sheet import file_name, sheet
from handlers.shared import buttons, commands
from handlers.shared.answers import page_row, paged
from handlers.shared.asked import give
from handlers.shared.buttons import STATUS, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.counting import count
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import after_command, html, status_question, words
from knowledge import Context as Conversation
from knowledge.answer import Choice
from knowledge.status import status

MAX_OWN: Final = 20
"""Regions of an officer that get a button each: a keyboard of more is not looked through, and naming one is faster."""

A_PAGE: Final = 8
"""Regions of a province that get a button on one screen."""

_TO_BOT = filters.UpdateType.MESSAGE & ~filters.VIA_BOT


class RepliesToPrompt(filters.MessageFilter):
    """What is said in reply to the bot's question for a region."""

    def filter(self, message: Message) -> bool:
        """Whether it is that. The question is known by its words: nothing has to be remembered for it."""
        prompt = message.reply_to_message
        asks = prompt is not None and prompt.from_user is not None and prompt.from_user.is_bot
        return asks and prompt is not None and prompt.text in {_prompt(speech("id")), _prompt(speech("en"))}


def handlers() -> Handlers:
    """What is registered for status cards."""
    text = (filters.TEXT | filters.CAPTION) & ~filters.COMMAND
    return [
        CommandHandler(commands.STATUS.names, by_command, filters=_TO_BOT),
        MessageHandler(_TO_BOT & text & RepliesToPrompt(), by_name),
        CallbackQueryHandler(show, buttons.pattern(STATUS, "v")),
        CallbackQueryHandler(send_sheet, buttons.pattern(STATUS, "p")),
        CallbackQueryHandler(offer_cards, buttons.pattern(STATUS, "o")),
        CallbackQueryHandler(turn_page, buttons.pattern(STATUS, "l")),
    ]


async def by_command(update: Update, context: BotContext) -> None:
    """Show the card of the region behind the command, or ask for one; officers choose among theirs."""
    text = after_command(words(context.message))
    if text:
        await give(context, status_question(text, context.engine.snapshot), addressed=True)
        return
    s = context.speech
    own = _own(context)
    if own:
        names = context.engine.snapshot.regions
        rows = [[key(STATUS, s, names[code].label(s.language), "v", code)] for code in own[:MAX_OWN]]
        text = s._("Your regions. For any other, add its name: /status Klaten")
        await context.say(Reply((text,), InlineKeyboardMarkup(rows)))
    else:
        prompt = ForceReply(selective=True, input_field_placeholder=s._("for example: Klaten"))
        await context.say(Reply((_prompt(s),), markup=prompt), quote=True)
    context.work.note("done", "prompt", s.language)


async def by_name(update: Update, context: BotContext) -> None:
    """Show the card of the region that was asked for."""
    await give(context, status_question(words(context.message), context.engine.snapshot), addressed=True)


async def show(update: Update, context: BotContext) -> None:
    """Show a card, below, once."""
    code, s = _region(context), speech(context.button.language)
    context.work.note("answered", "region", s.language)
    if not await context.seen_once():
        return
    turn = context.engine.choose(Choice("region", code, card=True), Conversation(language=s.language), now=moment.now())
    await context.say(context.dressed(turn.answer), quote=False)
    count(context, turn.answer)
    context.remember(turn.context)


async def send_sheet(update: Update, context: BotContext) -> None:
    """Send the card as one page, as the knowledge is now. Drawing it takes a moment, in which others are answered."""
    code, s = _region(context), speech(context.button.language)
    context.work.note("answered", "sheet", s.language)
    if not await context.seen_once():
        return
    snapshot, day = context.engine.snapshot, date.fromisoformat(today())
    card = status(snapshot, code)
    content = await asyncio.to_thread(sheet, card, snapshot, s, context.bot.username, day)
    caption = s._("The status card on one page, to forward or to print. As of {date}.", date=s.date(day.isoformat()))
    await context.outbox.send_document(context.chat_id, file_name(card, day, s), content, caption)


async def offer_cards(update: Update, context: BotContext) -> None:
    """Show the regions of a province, each with a way to its card, below."""
    s, code = speech(context.button.language), _province(context)
    context.work.note("done", "status", s.language)
    if await context.seen_once():
        await context.say(_cards(context, s, code, 0), quote=False)


async def turn_page(update: Update, context: BotContext) -> None:
    """The same, another page in place."""
    s, code = speech(context.button.language), _province(context)
    context.work.note("done", "status", s.language)
    await context.seen()
    await context.replace(_cards(context, s, code, number(context, 2)))


def _cards(context: BotContext, s: Speech, province: str, page: int) -> Reply:
    """The regions of a province, a page of them."""
    snapshot = context.engine.snapshot
    regions = snapshot.regencies_of(province)
    shown, page, of = paged(regions, page, A_PAGE)
    name = html(snapshot.regions[province].label(s.language))
    rows = [[key(STATUS, s, region.label(s.language), "v", region.code)] for region in shown]
    if of > 1:
        rows.append(page_row(STATUS, ("l", province), page, of, s.language))
    return Reply((s._("Which region's status card in {province}?", province=name),), InlineKeyboardMarkup(rows))


def _province(context: BotContext) -> str:
    """The code of the province that the pressed button names.

    Raises:
        StaleButton: there is no such province (any more).
    """
    code = argument(context, 1)
    region = context.engine.snapshot.regions.get(code)
    if region is None or region.level != "province":
        raise StaleButton(code)
    return code


def _region(context: BotContext) -> str:
    """The code of the region that the pressed button names.

    Raises:
        StaleButton: there is no such kabupaten or kota (any more).
    """
    code = argument(context, 1)
    region = context.engine.snapshot.regions.get(code)
    if region is None or region.level == "province":
        raise StaleButton(code)
    return code


def _own(context: BotContext) -> list[str]:
    """The regions that the person answers for, as an officer in private."""
    own = context.people.staff.regions_of(context.user_id) if context.private else ()
    return [code for code in own if code in context.engine.snapshot.regions]


def _prompt(s: Speech) -> str:
    return s._("Which region's status card would you like? Reply to this message with its name.")
