"""Strict checks of reply markups, inline keyboards above all."""

from __future__ import annotations

import re
from typing import Any

from . import markup
from .params import check_object, fields_of
from .wire import Json, bad_request

BUTTON_LIMIT = 100
BUTTON = fields_of(
    "!text:str icon_custom_emoji_id:str style:str url:str callback_data:str web_app:object switch_inline_query:str "
    "switch_inline_query_current_chat:str switch_inline_query_chosen_chat:object copy_text:object"
)
CHOSEN_CHAT = fields_of(
    "query:str allow_user_chats:bool allow_bot_chats:bool allow_group_chats:bool allow_channel_chats:bool"
)
ACTIONS = set(BUTTON) - {"text", "icon_custom_emoji_id", "style"}
OTHER_MARKUPS = {
    "keyboard": fields_of(
        "!keyboard:array is_persistent:bool resize_keyboard:bool one_time_keyboard:bool "
        "input_field_placeholder:str selective:bool"
    ),
    "remove_keyboard": fields_of("!remove_keyboard:bool selective:bool"),
    "force_reply": fields_of("!force_reply:bool input_field_placeholder:str selective:bool"),
}


def check_markup(reply_markup: Json | None, *, inline_only: bool = False) -> Json | None:
    """Any reply_markup; the inline keyboard, or None where it is another kind or has no buttons."""
    if reply_markup is None:
        return None
    if "inline_keyboard" in reply_markup:
        check_keyboard(reply_markup)
        rows = [row for row in reply_markup["inline_keyboard"] if row]
        return {"inline_keyboard": rows} if rows else None
    for name, fields in OTHER_MARKUPS.items():
        if name in reply_markup and not inline_only:
            check_object("reply_markup", reply_markup, fields)
            return None
    raise bad_request("object expected as reply markup: an inline keyboard" if inline_only else "unknown reply markup")


def check_keyboard(keyboard: Json) -> None:
    """An inline keyboard: rows of buttons, each with a text and one thing that it does."""
    check_object("reply_markup", keyboard, fields_of("!inline_keyboard:array"))
    rows = keyboard["inline_keyboard"]
    if not all(isinstance(row, list | tuple) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTON_LIMIT:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        check_button(button)


def check_button(button: Any) -> None:
    """One button of an inline keyboard."""
    check_object("inline keyboard button", button, BUTTON)
    if not button["text"].strip():
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    actions = ACTIONS & set(button)
    if len(actions) != 1:
        told = ", ".join(sorted(actions)) or "none"
        raise bad_request(f'inline keyboard button "{button["text"]}" must have exactly one action, has {told}')
    if button.get("style", "primary") not in {"danger", "success", "primary"}:
        raise bad_request(f'unknown style of inline keyboard button "{button["text"]}"')
    value = button[actions.pop()]
    if "callback_data" in button and not 1 <= len(value.encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button:
        check_url(value)
    if "copy_text" in button:
        check_object("copy_text", value, fields_of("!text:str"))
        if not 1 <= markup.utf16_length(value["text"]) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if "web_app" in button:
        check_object("web_app", value, fields_of("!url:str"))
        if not value["url"].startswith("https://"):
            raise bad_request("BUTTON_URL_INVALID")
    if "switch_inline_query_chosen_chat" in button:
        check_object("switch_inline_query_chosen_chat", value, CHOSEN_CHAT)


def check_url(url: str) -> None:
    """The URL of a button: http(s) with a host, or tg://."""
    if not re.fullmatch(r"(?:https?://[^\s/?#]+(?:[/?#]\S*)?|tg://\S+)", url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
