"""What a person does on the page, as the page tells it, done in the fake Telegram."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from handlers.fake_telegram import Impossible, Place, User
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
    """Do an act that came as JSON; what the page is told of it beside that it is done.

    Raises:
        ValidationError: it is none.
        Impossible: no Telegram app would let this person do it.
    """
    act = ACT.validate_json(body)
    telegram, (person, place) = stage.telegram, _who_where(stage, act)
    match act:
        case Send():
            replied = _message(place, act.reply_to) if act.reply_to else None
            person.sends(act.text, to=place, reply_to=replied)
        case Start():
            person.starts(act.payload)
        case Edit():
            person.edits(_message(place, act.message), act.text)
        case Press():
            query = person.press_data(act.data, _message(place, act.message, of_bot=telegram.bot["id"]))
            answer = await telegram.within(lambda: telegram.callback_answers.get(query["id"], {}), PATIENCE)
            return {"text": answer.get("text", ""), "alert": answer.get("show_alert", False)}
        case Inline():
            number = person.types_inline(act.query, act.offset, to=place)
            answer = await telegram.within(lambda: telegram.inline_answers.get(number, {}), PATIENCE)
            results = [
                {name: one.get(name, "") for name in ("id", "title", "description")}
                for one in answer.get("results", ())
            ]
            more, button = answer.get("next_offset", ""), answer.get("button")
            return {"query": number, "results": results, "next_offset": more, "button": button}
        case Choose():
            person.chooses(act.result, query=act.query, to=place)
    return {}


def upload(stage: Stage, told: Told, content: bytes) -> None:
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
        person.sends_photo(caption, content, to=place, reply_to=reply)
    else:
        person.sends_document(act.name, content, caption, to=place, reply_to=reply)


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
