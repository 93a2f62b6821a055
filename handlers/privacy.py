"""What is stored about a person, and its deletion, which is confirmed first."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, filters

from handlers.backup import naming
from handlers.rendering import Speech, speech
from handlers.settings import Settings
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


def told(s: Speech, settings: Settings) -> dict[str, str]:
    """What is stored of people, why and for how long, in the order it is shown: a line for each thing, by the name under which
    ``stored.toml`` beside people.db's schema says which tables it tells of."""
    days = s.ngettext("{n} day", "{n} days", settings.question_log_days)
    return {
        "arrived": s._(
            "A message that has just arrived, until it is answered; that there was one, 48 hours longer, so that none is answered twice."
        ),
        "language": s._("The language you chose, until you delete it, and whether you have blocked me."),
        "conversation": s._(
            "Your last question as I understood it, so that you can ask on from it: 48 hours."
        ),
        "replies": s._(
            "Which of my messages answers which of yours, with your question's text: 48 hours, as long as you can edit it. As long "
            "too, which of my buttons you pressed that work once."
        ),
        "unanswered": s._(
            "Questions I could not answer, without who asked them, mail addresses or long numbers, so that somebody can "
            "add the answer: {days}. What an admin decides on one stays, with one wording of it.",
            days=days,
        ),
        "numbers": s._(
            "Numbers of questions by day, language and what they were about, without who asked: {days}.", days=days
        ),
        "waiting": s._(
            "Questions for which you pressed “Tell me when you can answer this”, with your number in Telegram: until you are told, "
            "{days} at most.",
            days=days,
        ),
        "reports": s._(
            "Reports that something is wrong, with your number in Telegram, so that you can add to them and are told what became "
            "of them: {days}.",
            days=days,
        ),
        "follows": s._(
            "What you follow, how, by whose clock and in which language you want to be told, and the number of the last message of "
            "our chat, so that none comes twice: until you stop the last of it, delete it, or block me. That you were told something "
            "is kept for 48 hours."
        ),
        "given": s._(
            "If you want to hear of corrections: which statements my answers told you, and on which day: {days}, or until you "
            "switch that off.",
            days=days,
        ),
        "drafts": s._(
            "What you have begun and neither sent nor dropped, such as a request to be officer with office, position and where "
            "Telegram keeps the letter, a report, or a file of knowledge: a day."
        ),
        "requests": s._(
            "Requests to be recognised as officer, with your number in Telegram, first name, region, office and position, and where "
            "Telegram keeps the letter (never the letter itself), so that admins can decide: {days} at most. Once it is decided, "
            "name and letter go; a refusal is kept that long too, office and position for as long as you have the role.",
            days=days,
        ),
        "corrections": s._(
            "What officers proposed for their regions, with their number in Telegram and where Telegram keeps the document they sent "
            "as a source (never the document itself): until it is decided on, and {days} after that.",
            days=days,
        ),
        "staff": s._(
            "Of those who look after the knowledge: number in Telegram, first name, role, regions and since when, for as long "
            "as they have the role. Where a role is taken away, the number goes, and "
            "the first name stays beside what they changed."
        ),
        "notices": s._(
            "Notices of the programme team, with which admin sent them (“admin 3”, not their number in Telegram): {days}.", days=days
        ),
    }  # fmt: skip


def limits(s: Speech, settings: Settings) -> list[str]:
    """What is not stored, and what deleting does not reach."""
    return [
        s._(
            "Beyond that no names are stored; nothing is passed on, and my log tells neither what was written nor by whom."
        ),
        copies(s, settings),
        s._("What Telegram itself keeps of our chat, you delete in Telegram."),
    ]


def copies(s: Speech, settings: Settings) -> str:
    """What deleting reaches only later: the backups."""
    days = s.ngettext("{n} day", "{n} days", naming.BEFORE_DAYS)
    if not settings.backup_keep:
        return s._(
            "Against loss, copies of all this from before an upgrade or a restoration are kept, {days} at most; what is deleted is "
            "gone when they go.",
            days=days,
        )
    nights = s.ngettext("{n} nightly copy", "{n} nightly copies", settings.backup_keep)
    return s._(
        "Against loss, the last {copies} of all this are kept, and those from before an upgrade or a restoration, {days} at most; what "
        "is deleted is gone when they go.",
        copies=nights,
        days=days,
    )


async def privacy(update: Update, context: BotContext) -> None:
    """Tell what is stored, why and for how long."""
    s, settings = context.speech, context.services.settings
    lines = [
        s._("What I store, and for how long:"),
        *("• " + line for line in told(s, settings).values()),
        *limits(s, settings),
        s._("/{command} deletes everything about you.", command=commands.DELETE_ME.name(s)),
    ]
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
    context.work.later(lambda: people.forget(user_id))
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
    lines.append(copies(s, context.services.settings))
    await context.replace(Reply((" ".join(lines),)))
