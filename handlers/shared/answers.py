"""An answer as a Telegram message: its text, and below it the buttons that lead on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar
from urllib.parse import urlencode

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, SwitchInlineQueryChosenChat, User
from telegram.helpers import create_deep_linked_url

from handlers.rendering import Speech, choice_label, document, speech
from handlers.rendering.lists import names_shown, pages
from handlers.rendering.telegram import MAX_LENGTH, folded, html_parts, source_lines, visible_length
from handlers.shared.buttons import (
    BROWSE,
    CHOOSE,
    LIST,
    NOTHING,
    TELL_ME,
    WRONG,
    Button,
    StaleButton,
    TooLong,
    decode,
    of_choice,
    of_filter,
)
from handlers.shared.message import Reply
from handlers.shared.references import reference, said, subject
from handlers.shared.words import shorten
from knowledge.answer import Answer, Choice, ListBlock, SmalltalkBlock, SourcesBlock, UnknownBlock
from knowledge.model import Language
from knowledge.snapshot import Snapshot
from knowledge.taught import TOPIC as TAUGHT
from knowledge.told import told

MAX_LABEL: Final = 60
"""Characters of a button's label; telephones cut longer ones off."""

Row = list[InlineKeyboardButton]
Item = TypeVar("Item")


def reply(
    answer: Answer, snapshot: Snapshot, bot: User, *, private: bool, kept: Iterable[Row] = (), page: int | None = None
) -> Reply:
    """The message for an answer.

    Args:
        answer: what to say.
        snapshot: the knowledge it is from.
        bot: the bot itself: its name and what it supports.
        private: whether it is between the bot and one person; a group gets no "something wrong?".
        kept: rows of buttons to keep above the others, such as the options not chosen.
        page: which page of a long list, from 0; the first if left out, and none of a count.
    """
    s = speech(answer.language)
    block = _listed(answer)
    turned = _turned(block, page)
    parts = html_parts(document(answer, snapshot, turned))
    rows = [*kept, *choice_rows(answer, snapshot)]
    if block and pages(block):
        rows += list_rows(block, turned, s)
    below: Row = []
    shown = any(isinstance(block, SourcesBlock) for block in answer.blocks)
    named = reference(answer) if answer.sources and not shown else None
    if named:
        label = s._("Sources ({n})", n=len(answer.sources))
        below.append(InlineKeyboardButton(label, callback_data=named.encode()))
    elif answer.sources and not shown:
        parts = with_sources(parts, source_lines(answer.sources, s))
    if answer.outcome == "answered" and answer.sources:
        below += share(answer, bot, s)
        if private:
            wrong = Button(WRONG, answer.language).encode()
            below.append(InlineKeyboardButton(s._("Something wrong?"), callback_data=wrong))
    if below:
        rows.append(below)
    if private and _may_be_told_later(answer):
        rows.append(
            [
                InlineKeyboardButton(
                    s._("Tell me when you can answer this"), callback_data=Button(TELL_ME, answer.language).encode()
                )
            ]
        )
    if private and (_is_start(answer) or answer.outcome == "unknown"):
        rows += start_rows(s)
    return Reply(parts, InlineKeyboardMarkup(rows) if rows else None)


def told_by(answer: Answer, page: int | None = None) -> tuple[str, ...]:
    """What the message for an answer tells, as :func:`knowledge.told.told` names it; ``page`` as for :func:`reply`."""
    turned = _turned(_listed(answer), page)
    blocks = [block for block in answer.blocks if isinstance(block, ListBlock)]
    return told(answer, [verdict for block in blocks for verdict in names_shown(block, turned)])


def _turned(block: ListBlock | None, page: int | None) -> int | None:
    """The page of a list that is shown; None where it is not shown by pages."""
    return 0 if block and page is None and not block.count_only else page


def _listed(answer: Answer) -> ListBlock | None:
    """The one list of an answer; pages are turned only where nothing else is said."""
    match said(answer):
        case (ListBlock() as block,):
            return block
    return None


def _is_start(answer: Answer) -> bool:
    return any(isinstance(b, SmalltalkBlock) and b.about in ("greeting", "help", "identity") for b in answer.blocks)


def _may_be_told_later(answer: Answer) -> bool:
    """Whether somebody may find an answer: there is a question, and it was not decided to be outside."""
    reasons = {block.reason for block in answer.blocks if isinstance(block, UnknownBlock)}
    asks = not reasons & {"empty", "no_region_named"}
    return answer.outcome == "unknown" and asks and answer.trace.topic != TAUGHT


def with_sources(parts: tuple[str, ...], lines: list[str]) -> tuple[str, ...]:
    """Parts followed by all sources, folded; in messages of their own where they do not fit."""
    *before, last = parts
    if visible_length(last) + sum(visible_length(line) + 1 for line in lines) < MAX_LENGTH:
        return (*before, f"{last}\n\n{folded(lines)}")
    return (*parts, *folded_parts(lines))


def folded_parts(lines: list[str]) -> list[str]:
    """Lines as folded messages, each within the limit even with its markup."""
    parts: list[list[str]] = [[]]
    room = MAX_LENGTH
    for line in lines:
        if parts[-1] and visible_length(line) + 1 > room:
            parts.append([])
            room = MAX_LENGTH
        parts[-1].append(line)
        room -= visible_length(line) + 1
    return [folded(part) for part in parts]


# -------------------------------------------------------------------------------------------------------------- buttons


def choice_rows(answer: Answer, snapshot: Snapshot) -> list[Row]:
    """A row for each choice."""
    return [
        [InlineKeyboardButton(shorten(_label(choice, answer, snapshot), MAX_LABEL), callback_data=of_choice(choice, answer.language).encode())]
        for choice in answer.choices
    ]  # fmt: skip


def _label(choice: Choice, answer: Answer, snapshot: Snapshot) -> str:
    label = choice_label(choice, answer, snapshot)
    if choice.kind == "region" and not choice.asked and not choice.card:
        return speech(answer.language)._("All about {name}", name=label)
    return label


def options_left(keyboard: InlineKeyboardMarkup | None, pressed: str) -> list[Row]:
    """The options of a question back that were not chosen: whoever tapped the wrong one need not type again."""
    left = []
    for row in keyboard.inline_keyboard if keyboard else ():
        data = row[0].callback_data if row else None
        if not isinstance(data, str) or data == pressed:
            continue
        try:
            button = decode(data)
        except StaleButton:
            continue
        if button.action == CHOOSE and "a" in "".join(button.arguments[2:3]):
            left.append(list(row))
    return left


def list_rows(block: ListBlock, page: int | None, s: Speech) -> list[Row]:
    """Buttons that turn a list's pages; for a count, one that shows the names."""
    packed = of_filter(block.filter)
    try:
        if page is None:
            data = Button(LIST, s.language, (packed, "0")).encode()
            return [[InlineKeyboardButton(s._("Show the names"), callback_data=data)]]
        return [page_row(LIST, (packed,), page, pages(block), s.language)]
    except TooLong:
        return []


def paged(items: Sequence[Item], page: int, size: int) -> tuple[list[Item], int, int]:
    """What a page of a list shows, the page's number (the last one where there are fewer), and how many pages there are."""
    of = max(-(-len(items) // size), 1)
    page = max(min(page, of - 1), 0)
    return list(items[page * size : (page + 1) * size]), page, of


def page_row(action: str, arguments: tuple[str, ...], page: int, of: int, language: Language) -> Row:
    """ "‹ 2/4 ›": what turns pages, with the page's number as last argument; at the ends it leads to the other one."""
    before = Button(action, language, (*arguments, str((page - 1) % of))).encode()
    after = Button(action, language, (*arguments, str((page + 1) % of))).encode()
    here = Button(NOTHING, language).encode()
    return [
        InlineKeyboardButton("‹", callback_data=before),
        InlineKeyboardButton(f"{page + 1}/{of}", callback_data=here),
        InlineKeyboardButton("›", callback_data=after),
    ]


def start_rows(s: Speech) -> list[Row]:
    """Ways into the knowledge without typing."""
    places = [(s._("Provinces"), ("p", "0")), (s._("Cohorts"), ("y",)), (s._("Topics"), ("q", "0"))]
    return [
        [InlineKeyboardButton(label, callback_data=Button(BROWSE, s.language, to).encode()) for label, to in places]
    ]


def share(answer: Answer, bot: User, s: Speech) -> Row:
    """The button that takes an answer to another chat, where there is something short to call it by."""
    found = subject(answer)
    if not found:
        return []
    words, payload = found
    label = s._("Share")
    if bot.supports_inline_queries is False:
        link = create_deep_linked_url(bot.username or "", payload)
        url = "https://t.me/share/url?" + urlencode({"url": link, "text": words})
        return [InlineKeyboardButton(label, url=url)]
    anywhere = SwitchInlineQueryChosenChat(
        words, allow_user_chats=True, allow_bot_chats=False, allow_group_chats=True, allow_channel_chats=True
    )
    return [InlineKeyboardButton(label, switch_inline_query_chosen_chat=anywhere)]
