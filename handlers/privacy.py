"""What is stored about a person, and its deletion, which is confirmed first."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, filters

from handlers.rendering import Speech, speech
from handlers.shared import buttons, commands
from handlers.shared.buttons import DELETE, Button, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.private import elsewhere
from handlers.shared.registering import Handlers
from handlers.staff.menus import take_away


def handlers() -> Handlers:
    """What is registered for this."""
    return [
        CommandHandler(commands.PRIVACY.names, privacy, filters=filters.UpdateType.MESSAGE),
        CommandHandler(commands.DELETE_ME.names, offer, filters=filters.UpdateType.MESSAGE),
        CallbackQueryHandler(decide, buttons.pattern(DELETE)),
    ]


async def privacy(update: Update, context: BotContext) -> None:
    """Tell what is stored, why and for how long."""
    s = context.speech
    days = s.ngettext("{n} day", "{n} days", context.services.settings.question_log_days)
    lines = [
        s._("What I store, and for how long:"),
        "• " + s._("The language you chose, until you delete it, and whether you have blocked me."),
        "• " + s._("Your last question as I understood it, so that you can ask on from it: 48 hours."),
        "• " + s._(
            "Which of my messages answers which of yours, with your question's text: 48 hours, as long as you can edit it. As long "
            "too, which of my buttons you pressed that work once."
        ),
        "• " + s._(
            "Questions I could not answer, without who asked them, mail addresses or long numbers, so that somebody can "
            "add the answer: {days}.",
            days=days,
        ),
        "• " + s._("Numbers of questions by day, language and what they were about, without who asked: {days}.", days=days),
        "• " + s._(
            "Questions for which you pressed “Tell me when you can answer this”, with your number in Telegram: until you are told, "
            "{days} at most.",
            days=days,
        ),
        "• " + s._(
            "Reports that something is wrong, with your number in Telegram, so that you can add to them and are told what became "
            "of them: {days}.",
            days=days,
        ),
        "• " + s._(
            "What officers proposed for their regions, with their number in Telegram and where Telegram keeps the document they sent "
            "as a source (never the document itself): until it is decided on, and {days} after that.",
            days=days,
        ),
        "• " + s._(
            "What you follow, how, by whose clock and in which language you want to be told, and the number of the last message of "
            "our chat, so that none comes twice: until you stop the last of it, delete it, or block me. That you were told something "
            "is kept for 48 hours."
        ),
        "• " + s._(
            "If you want to hear of corrections: which statements my answers told you, and on which day: {days}, or until you "
            "switch that off.",
            days=days,
        ),
        "• " + s._(
            "What you have begun and neither sent nor dropped, such as a request to be officer with office, position and where "
            "Telegram keeps the letter, or a report: a day."
        ),
        "• " + s._(
            "Requests to be recognised as officer, with your number in Telegram, first name, region, office and position, and where "
            "Telegram keeps the letter (never the letter itself), so that admins can decide: {days} at most. Once it is decided, "
            "name and letter go; a refusal is kept that long too, office and position for as long as you have the role.",
            days=days,
        ),
        "• " + s._(
            "Of those who look after the knowledge: number in Telegram, first name, role, regions and since when, for as long "
            "as they have the role. Where a role is taken away, the number goes, and "
            "the first name stays beside what they changed."
        ),
        "• " + s._(
            "Notices of the programme team, with which admin sent them (“admin 3”, not their number in Telegram): {days}.", days=days
        ),
        s._("A message that has just arrived is kept until it is answered. Beyond that no names are stored; nothing is passed on."),
        s._("/{command} deletes everything about you.", command=commands.DELETE_ME.name(s)),
    ]  # fmt: skip
    await context.say(Reply(("\n".join(lines),)))
    context.work.note("done", "privacy", s.language)


async def offer(update: Update, context: BotContext) -> None:
    """Ask whether everything shall really go; a group need not read that."""
    s = context.speech
    if not context.private:
        await elsewhere(context, commands.DELETE_ME)
        return
    rows = [
        [
            InlineKeyboardButton(s._("Yes, delete"), callback_data=Button(DELETE, s.language, ("y", str(context.user_id))).encode()),
            InlineKeyboardButton(s._("No, keep it"), callback_data=Button(DELETE, s.language, ("n", str(context.user_id))).encode()),
        ]
    ]  # fmt: skip
    text = s._(
        "Delete everything that is stored about you? Your language, our conversation, what you follow, the questions you wait "
        "for, your requests to be officer, and your number on reports and proposals."
    )
    if context.people.staff.role(context.user_id) and not context.people.staff.permanent(context.user_id):
        text += " " + s._("You also give up your role.")
    await context.say(Reply((text,), InlineKeyboardMarkup(rows)))
    context.work.note("done", "deleteme", s.language)


async def decide(update: Update, context: BotContext) -> None:
    """Delete, or not. Only whoever asked for it decides."""
    s = speech(context.button.language)
    decision, asked_by = (*context.button.arguments, "", "")[:2]
    if decision not in ("y", "n"):
        raise StaleButton(decision)
    if asked_by != str(context.user_id):
        await context.seen(s._("This button belongs to somebody else."), alert=True)
        context.work.note("refused", "deleteme", s.language)
        return
    await context.seen()
    if decision == "y":
        await _forget(context, s)
    else:
        await context.replace(Reply((s._("All right, nothing was deleted."),)))
    context.work.note("done", "deleteme", s.language)


async def _forget(context: BotContext, s: Speech) -> None:
    people, user_id = context.people, context.user_id
    lines = [s._("Done: nothing about you is stored any more.")]
    if people.staff.permanent(user_id):
        lines = [
            s._("Done: only that you are an owner is still stored."),
            s._(
                "OWNER_IDS names you, or there is no other owner. Take your id out there, or invite another owner first."
            ),
        ]
    else:
        await take_away(context.bot, people, user_id)
    await context.replace(Reply((" ".join(lines),)))
    context.work.later(lambda: people.forget(user_id))
