"""Strict checks of inline answers and of the bot's profile: results, commands, scopes, descriptions."""

from __future__ import annotations

import re
from typing import Any

from . import checks
from .keyboards import check_markup
from .markup import utf16_length
from .params import check_object, fields_of
from .wire import Json, bad_request

RESULT_LIMIT = 50
COMMAND_LIMIT = 100
ARTICLE = fields_of(
    "!type:str !id:str !title:str !input_message_content:object reply_markup:object url:str description:str "
    "thumbnail_url:str thumbnail_width:int thumbnail_height:int"
)
CONTENT = fields_of("!message_text:str parse_mode:str entities:array link_preview_options:object")
_OTHER_TYPES = "photo gif mpeg4_gif video audio voice document location venue contact game sticker"
OTHER_RESULTS = frozenset(_OTHER_TYPES.split())
SCOPES = {
    "default": fields_of("!type:str"),
    "all_private_chats": fields_of("!type:str"),
    "all_group_chats": fields_of("!type:str"),
    "all_chat_administrators": fields_of("!type:str"),
    "chat": fields_of("!type:str !chat_id:int"),
    "chat_administrators": fields_of("!type:str !chat_id:int"),
    "chat_member": fields_of("!type:str !chat_id:int !user_id:int"),
}


def check_inline_answer(params: Json) -> None:
    """The results, next offset, cache time and button of an answerInlineQuery."""
    results = params["results"]
    if len(results) > RESULT_LIMIT:
        raise bad_request("RESULTS_TOO_MUCH")
    for result in results:
        check_result(result)
    ids = [result["id"] for result in results]
    if len(set(ids)) != len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len(params.get("next_offset", "").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    if params.get("cache_time", 0) < 0:
        raise bad_request("cache_time must not be negative")
    if "button" in params:
        check_results_button(params["button"])


def check_result(result: Any) -> None:
    """One result of an inline answer; articles in full, the other types by type and id."""
    if not isinstance(result, dict) or not isinstance(result.get("type"), str):
        raise bad_request("can't parse inline query result: type is missing")
    if result["type"] != "article":
        if result["type"] not in OTHER_RESULTS:
            raise bad_request("can't parse inline query result: unknown type")
    else:
        check_object("inline query result", result, ARTICLE)
        if not result["title"].strip():
            raise bad_request("ARTICLE_TITLE_EMPTY")
    identifier = result.get("id")
    if not isinstance(identifier, str) or not 1 <= len(identifier.encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID" if identifier else "RESULT_ID_EMPTY")
    if "reply_markup" in result:
        check_markup(result["reply_markup"], inline_only=True)
    if "input_message_content" in result and "message_text" in result["input_message_content"]:
        result_text(result)
    elif result["type"] == "article":
        raise bad_request("can't parse inline query result: message_text is missing")


def result_text(result: Json) -> tuple[str, list[Json]]:
    """The plain text and entities of the message that a result sends."""
    content = result["input_message_content"]
    check_object("input_message_content", content, CONTENT)
    if "link_preview_options" in content:
        checks.check_link_preview(content["link_preview_options"])
    return checks.formatted(content["message_text"], content.get("parse_mode"), content.get("entities"))


def check_results_button(button: Any) -> None:
    """The button above inline results: a text, and a start parameter or a web app."""
    check_object("button", button, fields_of("!text:str web_app:object start_parameter:str"))
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_EMPTY")
    if ("web_app" in button) == ("start_parameter" in button):
        raise bad_request("button must have exactly one of web_app and start_parameter")
    if "start_parameter" in button and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", button["start_parameter"]):
        raise bad_request("START_PARAM_INVALID")


def check_commands(commands: list[Any]) -> None:
    """The commands of a setMyCommands."""
    if len(commands) > COMMAND_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        check_object("command", command, fields_of("!command:str !description:str"))
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= utf16_length(command["description"].strip()) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    names = [command["command"] for command in commands]
    if len(set(names)) != len(names):
        raise bad_request("BOT_COMMAND_DUPLICATE")


def scope_key(scope: Json | None) -> str:
    """A scope as a key, ``default`` or ``chat:-100`` for instance; an unknown or wrong scope is refused."""
    scope = scope or {"type": "default"}
    if scope.get("type") not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    check_object("scope", scope, SCOPES[scope["type"]])
    return ":".join(str(scope[name]) for name in ("type", "chat_id", "user_id") if name in scope)


def language_key(params: Json) -> str:
    """The language_code of a call, two letters or empty."""
    code = params.get("language_code", "")
    if not re.fullmatch(r"([a-z]{2})?", code):
        raise bad_request("invalid language_code specified")
    return code


def check_profile_text(text: str, limit: int, what: str) -> None:
    """A name or description within its limit."""
    if utf16_length(text) > limit:
        raise bad_request(f"{what} is too long")
