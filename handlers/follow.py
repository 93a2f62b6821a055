"""/ikuti, /follow: following a region, a cohort or the programme, seeing what one follows, and stopping it."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import CommandHandler, filters

from handlers.notices.followed import choices, cohort_rows, examples, listed, offers, province, to_list, unnamed
from handlers.notices.following import PROGRAMME, follow_key, how, stop_key, subject_of, zone
from handlers.notices.stopping import stopping, subjects
from handlers.people.wishes import zone_named
from handlers.rendering import Speech, speech
from handlers.rendering.claims import subject_name
from handlers.shared import commands
from handlers.shared.buttons import FOLLOW
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.private import elsewhere, private_button
from handlers.shared.registering import Handlers
from handlers.shared.words import after_command, words
from knowledge.wanting import to_stop, whole

MAX_FOLLOWED: Final = 100
"""What one person may follow: more than the 100 of the movement would bring a message every day that nobody reads."""
_PROGRAMME: Final = re.compile(
    r"(the |berita |kabar |info )?(program|programme|programnya|gerakan|movement)( news)?", re.I
)
_YEAR: Final = re.compile(r"(?:angkatan|cohort|tahun|year|the)?\s*(20\d\d)(?: cohort)?", re.I)
_ZONE: Final = re.compile(r"(?:zona waktu|time ?zone|zona|zone)\s+(.+)", re.I)


def handlers() -> Handlers:
    """What is registered for following; how one is told is in ``wishes.py``."""
    return [
        CommandHandler(commands.FOLLOW.names, by_command, filters=filters.UpdateType.MESSAGE),
        private_button(FOLLOW, begin, "a"),
        private_button(FOLLOW, stop, "x"),
        private_button(FOLLOW, show, "n"),
        private_button(FOLLOW, turn_page, "l"),
        private_button(FOLLOW, stop_listed, "d"),
        private_button(FOLLOW, ask_stop_all, "z"),
        private_button(FOLLOW, stop_all, "y"),
        private_button(FOLLOW, offer_regions, "r"),
    ]


async def by_command(update: Update, context: BotContext) -> None:
    """Follow what is named behind the command; without a name, show what one follows."""
    if not context.private:
        await elsewhere(context, commands.FOLLOW)
        return
    s, text = context.speech, after_command(words(context.message))
    context.work.note("done", "follow", s.language)
    if not text:
        await context.say(listed(context, s, 0))
    elif found := _ZONE.fullmatch(text):
        await _take_zone(context, s, found[1])
    elif _PROGRAMME.fullmatch(text):
        await _begin(context, s, PROGRAMME)
    elif (named := to_stop(text, commanded=True)) is not None:
        await context.say(stopping(context, s, named))
    elif found := _YEAR.fullmatch(text):
        await _take_year(context, s, int(found[1]))
    elif part := whole(text):
        await context.say(unnamed(context, s, part))
    else:
        await _take_name(context, s, text)


async def begin(update: Update, context: BotContext) -> None:
    """Follow what the button names. Pressed again it says that this is so already; pressed after a stop, it begins anew."""
    s, subject = speech(context.button.language), _subject(context)
    context.work.note("done", "follow", s.language)
    if subject in context.people.follows.of(context.user_id):
        await context.seen(s._("You follow {name} already.", name=_name(context, subject, s)))
        return
    await context.seen()
    await _begin(context, s, subject)


async def stop(update: Update, context: BotContext) -> None:
    """Stop following what the button names, and say so below."""
    s, subject, people = speech(context.button.language), _subject(context), context.people
    context.work.note("done", "follow", s.language)
    if subject not in people.follows.of(context.user_id):
        await context.seen(s._("You do not follow {name} (any more).", name=_name(context, subject, s)))
        return
    context.work.later(lambda: people.follows.stop(context.user_id, subject))
    await context.seen()
    text = s._("You do not follow {name} any more; nothing more comes of it.", name=_bold(context, subject, s))
    rows = [[follow_key(subject, context.engine.snapshot, s, again=True)], [to_list(s)]]
    await context.say(Reply((text,), InlineKeyboardMarkup(rows)), quote=False)


async def show(update: Update, context: BotContext) -> None:
    """Show what one follows, below: the message above stays."""
    s = speech(context.button.language)
    context.work.note("done", "follow", s.language)
    await context.seen()
    await context.say(listed(context, s, 0), quote=False)


async def turn_page(update: Update, context: BotContext) -> None:
    """Show what one follows, in place."""
    s = speech(context.button.language)
    context.work.note("done", "follow", s.language)
    await context.seen()
    await context.replace(listed(context, s, number(context, 1)))


async def stop_listed(update: Update, context: BotContext) -> None:
    """Stop following something in the list. What is pressed twice is stopped already."""
    s, subject, people = speech(context.button.language), _subject(context), context.people
    context.work.note("done", "follow", s.language)
    people.apply(lambda: people.follows.stop(context.user_id, subject))
    await context.seen(s._("You do not follow {name} (any more).", name=_name(context, subject, s)))
    await context.replace(listed(context, s, number(context, 2), stopped=subject))


async def ask_stop_all(update: Update, context: BotContext) -> None:
    """Ask whether everything shall be stopped."""
    s, follows = speech(context.button.language), context.people.follows
    context.work.note("done", "follow", s.language)
    await context.seen()
    if not follows.of(context.user_id) and not follows.wishes(context.user_id).corrections:
        await context.replace(listed(context, s, 0))
        return
    text = s._(
        "Stop all? You then follow nothing, no message comes any more, neither about changes nor about corrections of answers "
        "nor from the programme team, and how you wanted to be told is forgotten."
    )
    rows = [[key(FOLLOW, s, s._("Yes, stop all"), "y")], [key(FOLLOW, s, s._("‹ Back"), "l", "0")]]
    await context.replace(Reply((text,), InlineKeyboardMarkup(rows)))


async def stop_all(update: Update, context: BotContext) -> None:
    """Stop everything."""
    s, people = speech(context.button.language), context.people
    context.work.note("done", "follow", s.language)
    people.apply(lambda: people.follows.stop_all(context.user_id))
    await context.seen(s._("You follow nothing any more."))
    await context.replace(listed(context, s, 0))


async def offer_regions(update: Update, context: BotContext) -> None:
    """Turn the pages of a province's regions."""
    s, code = speech(context.button.language), argument(context, 1)
    context.work.note("done", "follow", s.language)
    await context.seen()
    await context.replace(province(context, s, code, number(context, 2)))


# -------------------------------------------------------------------------------------------------------- what was typed


async def _take_name(context: BotContext, s: Speech, text: str) -> None:
    """Follow the region that a text names, and nothing else; whatever else it may name is offered, never guessed."""
    picked, found = context.engine.pick(text), subjects(context, text)
    sure = all(candidate.sure for candidate in picked.candidates)
    if picked.province and not found:
        await context.say(province(context, s, picked.province.code, 0))
    elif len(found) == len(picked.candidates) == 1 and sure:
        await _begin(context, s, found[0])
    elif found:
        names = {candidate.region.short for candidate in picked.candidates}
        await context.say(choices(context, s, found, several=sure and len(names) + len(picked.years) > 1))
    else:
        text = s._(
            "I know of no regency, city or year like “{typed}”. Check the spelling, or choose below.",
            typed=escape(text[:60], quote=False),
        )
        said = f"{text}\n\n{examples(s)}"
        await context.say(Reply((said,), InlineKeyboardMarkup(offers(context, s, []))))


async def _take_year(context: BotContext, s: Speech, year: int) -> None:
    """Follow a cohort."""
    if year in context.engine.snapshot.cohorts:
        await _begin(context, s, f"cohort:{year}")
        return
    years = s.names(str(known) for known in context.engine.snapshot.cohorts)
    text = s._("There was no cohort in {year}. There are those of {years}.", year=year, years=years)
    await context.say(Reply((text,), InlineKeyboardMarkup(cohort_rows(context, s))))


async def _take_zone(context: BotContext, s: Speech, typed: str) -> None:
    """Live by the time zone that is named."""
    people, found = context.people, zone_named(typed)
    button = [[key(FOLLOW, s, s._("How I am told"), "w")]]
    if found is None:
        text = s._(
            "I know of no time zone “{typed}”. Name a large city of it, such as Jayapura or Tokyo.",
            typed=escape(typed[:60], quote=False),
        )
        await context.say(Reply((text,), InlineKeyboardMarkup(button)))
        return
    people.apply(lambda: people.follows.wish(context.user_id, zone=found))
    wishes = people.follows.wishes(context.user_id)
    text = s._("You live by {zone} now.", zone=f"<b>{escape(zone(found, s), quote=False)}</b>")
    await context.say(Reply((f"{text} {how(wishes, s)}",), InlineKeyboardMarkup(button)))


async def _begin(context: BotContext, s: Speech, subject: str) -> None:
    """Follow a subject, and say how one is told of it and how to stop."""
    people, snapshot = context.people, context.engine.snapshot
    followed = people.follows.of(context.user_id)
    name = _bold(context, subject, s)
    if subject in followed:
        text = s._("You follow {name} already.", name=name)
    elif len(followed) >= MAX_FOLLOWED:
        text = s._("You follow {n} subjects, which is as many as can be. Stop one of them first.", n=len(followed))
        await context.say(Reply((text,), InlineKeyboardMarkup([[to_list(s)]])), quote=False)
        return
    else:
        text = s._("You follow {name} from now on: a message comes when something about it changes.", name=name)
        context.work.later(lambda: people.follows.follow(context.user_id, subject, s.language))
    lines = [text, how(people.follows.wishes(context.user_id), s)]
    rows = [[stop_key(subject, snapshot, s)], [key(FOLLOW, s, s._("How I am told"), "w"), to_list(s)]]
    await context.say(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)), quote=False)


def _subject(context: BotContext) -> str:
    return subject_of(argument(context, 1), context.engine.snapshot)


def _name(context: BotContext, subject: str, s: Speech) -> str:
    return subject_name(subject, context.engine.snapshot, s)


def _bold(context: BotContext, subject: str, s: Speech) -> str:
    return f"<b>{escape(_name(context, subject, s), quote=False)}</b>"
