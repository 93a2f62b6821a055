"""A request to be officer, while it is being written: a draft that asks for one thing after the other, and shows all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from telegram import InlineKeyboardMarkup, Message
from telegram.ext import filters

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row
from handlers.shared.buttons import MY_REGION
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.staff.drafts import awaiting, pressed, sent
from handlers.staff.requests import described, letters

KIND: Final = "request"
"""Of its drafts."""
STEPS: Final = ("region", "office", "position", "letter")
"""What is asked for, in this order; then it is shown whole (``summary``), and in the end it is ``sent``."""
MAX_LETTERS: Final = 5
"""Files of a letter: a page or two photographed, and what belongs to them."""

Data = Mapping[str, Any]
"""How far a draft is: ``asking`` for a step, what was said at each by its name, ``taken`` (message -> step of its text), ``spoken``
(its language), and ``request`` (its number) once it is sent."""


class ForRequest(filters.MessageFilter):
    """Whatever is sent in private while a request is being written; once it is sent itself, only documents and photos."""

    def __init__(self, people: People) -> None:
        super().__init__("ForRequest")
        self._people = people

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        if message.chat.type != "private" or not message.from_user or (message.text or "").startswith("/"):
            return False
        draft = awaiting(self._people, message)
        if draft is None or draft.kind != KIND or self._people.staff.role(message.chat.id) >= Role.ADMIN:
            return False
        if sent(draft):
            return bool(message.document or message.photo)
        return bool(message.text or message.effective_attachment)


async def proceed(context: BotContext, s: Speech, id: int, data: Data, trouble: str = "", *, asking: str = "") -> None:
    """Ask for what is missing, or show all of it, below.

    Args:
        context: of the update.
        s: the language.
        id: number of the draft.
        data: how far it is.
        trouble: why what was said cannot stand, or what is said first of all, as HTML.
        asking: a step to ask for again.
    """
    step = asking or next((step for step in STEPS if step not in data), "summary")
    said = summary(context, s, id, data) if step == "summary" else _question(s, id, step)
    if trouble:
        said = Reply((f"{trouble}\n\n{said.parts[0]}",), said.keyboard)
    sent = await context.say(said, quote=False)
    context.work.later(lambda: context.people.drafts.update(id, {**data, "asking": step}, sent))


def _question(s: Speech, id: int, step: str) -> Reply:
    texts = {
        "region": s._("Which regency or city do you work for? Type its name, for example Klaten."),
        "office": s._("What is the name of your office? For example: Dinas Komunikasi dan Informatika Kabupaten Klaten."),
        "position": s._("What is your position there? For example: Kepala Bidang Informatika."),
        "letter": s._(
            "Do you have a letter that shows it, such as a letter of assignment? Send it here, as a document or as photos "
            "(up to {n}). It is shown to admins only. You can do without; they may then ask your office.",
            n=MAX_LETTERS,
        ),
    }  # fmt: skip
    rows = [[key(MY_REGION, s, s._("Without a letter"), "n", str(id))]] if step == "letter" else []
    return Reply((texts[step],), InlineKeyboardMarkup([*rows, cancel_row(s, id)]))


def unsent_reminder(s: Speech) -> str:
    """What is said to whoever types where the request is shown whole: words do not send it."""
    return s._("❗ Your request is not sent yet. To send it, press “{button}” below.", button=s._("Send it"))


def summary(context: BotContext, s: Speech, id: int, data: Data) -> Reply:
    """All of a request as it would be sent."""
    number = len(letters(data["letter"]))
    letter = s.ngettext("{n} file", "{n} files", number) if number else s._("none")
    lines = [
        s._("<b>Your request to be recognised as officer</b>"),
        *described(context, data["region"], data["office"], data["position"], s),
        s._("<b>Letter</b>: {letter}", letter=letter),
        "",
        s._("Nothing is sent yet. Admins will see this with your first name, and decide."),
    ]
    changes = {
        "region": s._("Change the region"), "office": s._("Change the office"), "position": s._("Change the position"),
        "letter": s._("Another letter") if number else s._("Add a letter"),
    }  # fmt: skip
    buttons = [key(MY_REGION, s, label, "e", str(id), step) for step, label in changes.items()]
    rows: list[Row] = [[key(MY_REGION, s, s._("Send it"), "s", str(id))], buttons[:2], buttons[2:], cancel_row(s, id)]
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows))


def cancel_row(s: Speech, id: int) -> Row:
    """The way out."""
    return [key(MY_REGION, s, s._("Cancel"), "x", str(id))]


def begun(context: BotContext) -> Draft | None:
    """What the person has written and not sent yet."""
    drafts = context.people.drafts.of(context.user_id)
    return next((draft for draft in drafts if draft.kind == KIND and "request" not in draft.data), None)


async def unsent(context: BotContext) -> Draft | None:
    """The draft of the pressed button, where it is not sent yet and of use; else that is said."""
    s = speech(context.button.language)
    context.work.note("done", "request", s.language)
    if context.people.staff.role(context.user_id) >= Role.ADMIN:
        await context.seen(s._("As an admin you see every region already."), alert=True)
        return None
    draft = await pressed(context, KIND)
    if draft and "request" in draft.data:
        await context.seen(s._("Request no. {number} is sent already.", number=draft.data["request"]), alert=True)
        return None
    return draft
