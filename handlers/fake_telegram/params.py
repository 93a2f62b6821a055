"""Which parameters each method takes and of what type, after the Bot API's own tables."""

from __future__ import annotations

import json
from typing import Any

from .wire import Json, Upload, bad_request

_SENDING = (
    "!chat_id:int business_connection_id:str message_thread_id:int direct_messages_topic_id:int "
    "disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:str "
    "suggested_post_parameters:object reply_parameters:object reply_markup:object "
)
_TARGET = "business_connection_id:str chat_id:int message_id:int inline_message_id:str reply_markup:object "
_CAPTION = "caption:str parse_mode:str caption_entities:array "
_SPECS = {
    "getMe": "",
    "getUpdates": "offset:int limit:int timeout:int allowed_updates:array",
    "setWebhook": (
        "!url:str certificate:file ip_address:str max_connections:int allowed_updates:array "
        "drop_pending_updates:bool secret_token:str"
    ),
    "deleteWebhook": "drop_pending_updates:bool",
    "getWebhookInfo": "",
    "sendMessage": _SENDING + "!text:str parse_mode:str entities:array link_preview_options:object",
    "sendDocument": _SENDING + _CAPTION + "!document:file thumbnail:file disable_content_type_detection:bool",
    "sendPhoto": _SENDING + _CAPTION + "!photo:file show_caption_above_media:bool has_spoiler:bool",
    "editMessageText": _TARGET + "!text:str parse_mode:str entities:array link_preview_options:object",
    "editMessageReplyMarkup": _TARGET,
    "deleteMessage": "!chat_id:int !message_id:int",
    "answerCallbackQuery": "!callback_query_id:str text:str show_alert:bool url:str cache_time:int",
    "answerInlineQuery": (
        "!inline_query_id:str !results:array cache_time:int is_personal:bool next_offset:str button:object"
    ),
    "answerGuestQuery": "!guest_query_id:str !result:object",
    "sendChatAction": "business_connection_id:str !chat_id:int message_thread_id:int !action:str",
    "setMessageReaction": "!chat_id:int !message_id:int reaction:array is_big:bool",
    "setMyCommands": "!commands:array scope:object language_code:str",
    "getMyCommands": "scope:object language_code:str",
    "deleteMyCommands": "scope:object language_code:str",
    "setMyDescription": "description:str language_code:str",
    "getMyDescription": "language_code:str",
    "setMyShortDescription": "short_description:str language_code:str",
    "getMyShortDescription": "language_code:str",
    "setMyName": "name:str language_code:str",
    "getMyName": "language_code:str",
    "getChat": "!chat_id:int",
    "getFile": "!file_id:str",
}


def fields_of(spec: str) -> dict[str, tuple[str, bool]]:
    """``"!text:str ..."`` to ``{"text": ("str", True), ...}``: name to type and whether it must be there."""
    return {
        name.removeprefix("!"): (kind, name.startswith("!"))
        for name, _, kind in (field.partition(":") for field in spec.split())
    }


METHODS = {method: fields_of(spec) for method, spec in _SPECS.items()}
NAMES = {method.lower(): method for method in METHODS}
PYTHON: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
    "object": (dict,),
    "array": (list, tuple),
    "file": (Upload, str),
}


def of_kind(value: Any, kind: str) -> bool:
    """Whether a value is of a type of the table; True is no integer."""
    return isinstance(value, PYTHON[kind]) and (kind == "bool" or not isinstance(value, bool))


def check_object(what: str, value: Any, fields: dict[str, tuple[str, bool]]) -> None:
    """Refuse an object with unknown fields, with fields of another type, or without those it must have."""
    if not isinstance(value, dict):
        raise bad_request(f"{what} must be an object")
    for name, (_, required) in fields.items():
        if required and value.get(name) is None:
            raise bad_request(f'{what}: field "{name}" is missing')
    for name, given in value.items():
        if name not in fields:
            raise bad_request(f'{what}: unknown field "{name}"')
        if not of_kind(given, fields[name][0]):
            raise bad_request(f'{what}: field "{name}" must be of type {fields[name][0]}')


def check_params(method: str, params: Json) -> None:
    """Refuse a call with unknown parameters, wrong types, or without the parameters it must have."""
    fields = METHODS[method]
    for name, value in params.items():
        if name not in fields and not isinstance(value, Upload):
            raise bad_request(f'unknown parameter "{name}" of method {method}')
        if name in fields and not of_kind(value, fields[name][0]):
            raise bad_request(f'parameter "{name}" of method {method} must be of type {fields[name][0]}')
    for name, (_, required) in fields.items():
        if required and name not in params:
            raise bad_request("message text is empty" if name == "text" else f"{name} is empty")


def decoded(method: str, name: str, value: str) -> Any:
    """A form field as a Python value of the parameter's type; as it is where it doesn't read as one."""
    kind = METHODS.get(NAMES.get(method.lower(), ""), {}).get(name, ("str", False))[0]
    if kind == "bool":
        return {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), value)
    if kind in {"int", "object", "array"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
