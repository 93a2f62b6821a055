"""What a person does on the page, as the page tells it, done in the fake Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from handlers.fake_telegram import FakeTelegram, Impossible, Place, User
from knowledge.model import Language

from .pictures import kind_of
from .stage import Stage

GONE: Final = "gone"
"""What the page is told where an act is about a message that is there no more."""
PATIENCE: Final = 10.0
"""Seconds that the page waits for the bot to answer a button or an inline query: as long as apps show that they wait."""

Told = dict[str, Any]


class _Act(BaseModel):
    """What every act tells: whose it is, the chat it is in, and the language of the app."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: int
    chat: int
    language: Language


class Send(_Act):
    """A text is sent, perhaps as a reply."""

    act: Literal["send"]
    text: Annotated[str, Field(max_length=4096)]
    reply_to: int | None = None


class Start(_Act):
    """START is pressed, perhaps behind a link's payload."""

    act: Literal["start"]
    payload: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""


class Edit(_Act):
    """A text of one's own is edited."""

    act: Literal["edit"]
    message: int
    text: Annotated[str, Field(max_length=4096)]


class Press(_Act):
    """A button under a message is pressed."""

    act: Literal["press"]
    message: int
    data: Annotated[str, Field(max_length=64)]


class Inline(_Act):
    """Something is typed behind the bot's name."""

    act: Literal["inline"]
    query: Annotated[str, Field(max_length=256)]
    offset: Annotated[str, Field(max_length=64)] = ""


class Choose(_Act):
    """A result of an inline query is sent."""

    act: Literal["choose"]
    query: Annotated[str, Field(max_length=64)]
    result: Annotated[str, Field(max_length=64)]


Act = Annotated[Send | Start | Edit | Press | Inline | Choose, Field(discriminator="act")]
ACT: Final[TypeAdapter[Send | Start | Edit | Press | Inline | Choose]] = TypeAdapter(Act)


class Upload(_Act):
    """A file is sent; its content comes beside this."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    caption: Annotated[str, Field(max_length=1024)] = ""
    photo: bool = False
    reply_to: int | None = None


async def do(stage: Stage, body: bytes) -> Told:
    """Do an act that came as JSON; what the page is told of it.

    Raises:
        ValidationError: it is none.
        Impossible: no Telegram app would let this person do it.
    """
    act = ACT.validate_json(body)
    person, place = _who_where(stage, act)
    match act:
        case Send():
            replied = _message(place, act.reply_to) if act.reply_to else None
            return {"message_id": person.sends(act.text, to=place, reply_to=replied)["message_id"]}
        case Start():
            return {"message_id": person.starts(act.payload)["message_id"]}
        case Edit():
            person.edits(_message(place, act.message), act.text)
            return {}
        case Press():
            query = person.press_data(act.data, _message(place, act.message, of_bot=stage.telegram.bot["id"]))
            answer = await answered(stage.telegram, lambda: stage.telegram.callback_answers.get(query["id"]))
            return {"text": answer.get("text", ""), "alert": answer.get("show_alert", False)}
        case Inline():
            number = person.types_inline(act.query, act.offset, to=place)
            answer = await answered(stage.telegram, lambda: stage.telegram.inline_answers.get(number))
            results = [
                {name: one.get(name, "") for name in ("id", "title", "description")}
                for one in answer.get("results", ())
            ]
            more, button = answer.get("next_offset", ""), answer.get("button")
            return {"query": number, "results": results, "next_offset": more, "button": button}
        case Choose():
            return {"message_id": person.chooses(act.result, query=act.query, to=place)["message_id"]}


def upload(stage: Stage, told: Told, content: bytes) -> Told:
    """Send a file.

    Raises:
        ValidationError: it is not told whose it is, and for where.
        Impossible: no Telegram app would send it.
    """
    act = Upload.model_validate(told)
    person, place = _who_where(stage, act)
    caption = act.caption.strip() or None
    if not content:
        raise Impossible("an empty file cannot be sent")
    reply = _message(place, act.reply_to) if act.reply_to else None
    if act.photo and kind_of(content):
        return {"message_id": person.sends_photo(caption, content, to=place, reply_to=reply)["message_id"]}
    return {"message_id": person.sends_document(act.name, content, caption, to=place, reply_to=reply)["message_id"]}


async def answered(telegram: FakeTelegram, found: Callable[[], Told | None]) -> Told:
    """What the bot answers, as soon as it does; an empty answer where it takes longer than apps wait."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while (answer := found()) is None and loop.time() < deadline:
        await telegram.changed.wait(deadline - loop.time())
    return answer or {}


def _who_where(stage: Stage, act: _Act) -> tuple[User, Place]:
    place = stage.room(act.person, act.chat) if act.person in stage.people else None
    if place is None:
        raise Impossible("there is no such person, or not in this chat")
    person = stage.people[act.person]
    person.info = {**person.info, "language_code": act.language}
    return person, place


def _message(place: Place, number: int, of_bot: int | None = None) -> Told:
    found = place.room.messages.get(number)
    if found is None:
        raise Impossible(GONE)
    if of_bot is not None and of_bot not in (found["from"]["id"], found.get("via_bot", {}).get("id")):
        raise Impossible("only messages of the bot have buttons")
    return found
