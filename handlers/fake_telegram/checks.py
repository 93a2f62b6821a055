"""Strict checks of what the bot sends; each raises ``ApiError`` 400 where something is wrong."""

from __future__ import annotations

import re
from typing import Any

from . import markup
from .params import check_object, fields_of
from .wire import Json, bad_request

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100
LINK_PREVIEW = fields_of(
    "is_disabled:bool url:str prefer_small_media:bool prefer_large_media:bool show_above_text:bool"
)
_TYPES = (
    "mention hashtag cashtag bot_command url email phone_number bold italic underline strikethrough spoiler blockquote "
    "expandable_blockquote code pre text_link text_mention custom_emoji date_time"
)
ENTITY_TYPES = frozenset(_TYPES.split())
REPLY = fields_of(
    "!message_id:int chat_id:int allow_sending_without_reply:bool quote:str quote_parse_mode:str "
    "quote_entities:array quote_position:int checklist_task_id:int poll_option_id:str"
)
ENTITY = fields_of(
    "!type:str !offset:int !length:int url:str user:object language:str custom_emoji_id:str "
    "date_time_format:str unix_time:int"
)
_ACTION_NAMES = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note"
)
CHAT_ACTIONS = frozenset(_ACTION_NAMES.split())
_EMOJI = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 "
    "👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
)
REACTIONS = frozenset(_EMOJI.split())


def formatted(
    text: str, parse_mode: str | None, entities: list[Json] | None, *, limit: int = TEXT_LIMIT, what: str = "message"
) -> tuple[str, list[Json]]:
    """The plain text and entities of a message text or caption, within its limit; entities over 100 are dropped."""
    found: list[Json] = []
    if parse_mode:
        if parse_mode.upper() != "HTML":
            raise bad_request("unsupported parse_mode")
        try:
            text, found = markup.parse(text)
        except ValueError as error:
            raise bad_request(f"can't parse entities: {error}") from error
    elif entities:
        for entity in entities:
            check_object("entity", entity, ENTITY)
            if entity["type"] not in ENTITY_TYPES:
                raise bad_request("can't parse MessageEntity: unsupported type specified")
            if entity["offset"] < 0 or entity["length"] < 1:
                raise bad_request("can't parse entities: entity out of the text")
            if entity["offset"] + entity["length"] > markup.utf16_length(text):
                raise bad_request("entity begins or ends after the end of the text")
        found = list(entities)
    if "\0" in text:
        raise bad_request("strings must not contain a zero character")
    text, found = markup.trimmed(text, found)
    found = markup.with_detected(text, found)
    if markup.utf16_length(text) > limit:
        raise bad_request(f"{what} is too long")
    if not text and what == "message":
        raise bad_request("message text is empty")
    return text, found[:ENTITY_LIMIT]


def check_link_preview(options: Any) -> None:
    """The link_preview_options of a text."""
    check_object("link_preview_options", options, LINK_PREVIEW)


def check_reply(parameters: Any) -> None:
    """The reply_parameters of a message."""
    check_object("reply_parameters", parameters, REPLY)


def check_callback_answer(params: Json) -> None:
    """The text, URL and cache time of an answerCallbackQuery."""
    if markup.utf16_length(params.get("text", "")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    if "url" in params and not re.match(r"(https?://)?(t\.me|telegram\.me)/|tg://", params["url"]):
        raise bad_request("URL_INVALID")
    if params.get("cache_time", 0) < 0:
        raise bad_request("cache_time must not be negative")


def check_chat_action(action: str) -> None:
    """The action of a sendChatAction."""
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")


def check_reaction(reaction: list[Any]) -> None:
    """The reaction of a setMessageReaction: none, or one emoji that Telegram has."""
    if len(reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for one in reaction:
        check_object("reaction", one, fields_of("!type:str emoji:str custom_emoji_id:str"))
        if one["type"] != "emoji" or one.get("emoji") not in REACTIONS:
            raise bad_request("REACTION_INVALID")
