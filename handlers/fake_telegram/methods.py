"""The other Bot API methods, and the table of all of them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import checks, checks_inline, messages
from .checks_inline import check_profile_text, language_key, scope_key
from .wire import Json, bad_request

if TYPE_CHECKING:
    from .core import FakeTelegram

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
TEXTS = {"description": 512, "short_description": 120, "name": 64}
Method = Callable[["FakeTelegram", Json], Any]


def answer_callback(telegram: FakeTelegram, params: Json) -> bool:
    """answerCallbackQuery: kept in ``telegram.callback_answers``."""
    checks.check_callback_answer(params)
    _close(telegram, params["callback_query_id"], "callback_query")
    telegram.callback_answers[params["callback_query_id"]] = copy.deepcopy(params)
    return True


def answer_inline(telegram: FakeTelegram, params: Json) -> bool:
    """answerInlineQuery: kept in ``telegram.inline_answers``."""
    checks_inline.check_inline_answer(params)
    _close(telegram, params["inline_query_id"], "inline_query")
    telegram.inline_answers[params["inline_query_id"]] = copy.deepcopy(params)
    return True


def answer_guest(telegram: FakeTelegram, params: Json) -> Json:
    """answerGuestQuery: the message appears where the bot was called; kept in ``telegram.guest_answers``."""
    checks_inline.check_result(params["result"])
    query = params["guest_query_id"]
    _close(telegram, query, "guest_message")
    telegram.guest_answers[query] = copy.deepcopy(params)
    asked = telegram.queries[query]
    chat = telegram.chats[asked["chat"]["id"]]
    told = {**chat.placed(None, asked), "guest_bot_caller_user": asked["from"]}
    message = chat.add(telegram.bot_user(), telegram.now(), {**told, **telegram.result_message(params["result"])})
    telegram.inline_messages[message["inline_message_id"]] = message
    return {"inline_message_id": message["inline_message_id"]}


def _close(telegram: FakeTelegram, query: str, kind: str) -> None:
    """Take a query out of those that may be answered; refuse one that is not among them."""
    if telegram.open_queries.get(query) != kind:
        raise bad_request(TOO_OLD)
    del telegram.open_queries[query]


def get_updates(telegram: FakeTelegram, params: Json) -> Any:
    """getUpdates: a coroutine that waits for updates."""
    return telegram.updates.poll(**params)


def set_webhook(telegram: FakeTelegram, params: Json) -> bool:
    """setWebhook."""
    telegram.updates.set_webhook(params)
    return True


def delete_webhook(telegram: FakeTelegram, params: Json) -> bool:
    """deleteWebhook."""
    telegram.updates.set_webhook({**params, "url": ""})
    return True


def webhook_info(telegram: FakeTelegram, params: Json) -> Json:
    """getWebhookInfo: a WebhookInfo."""
    return telegram.updates.webhook_info()


def get_me(telegram: FakeTelegram, params: Json) -> Json:
    """getMe: the User that the bot is."""
    return telegram.bot


def get_file(telegram: FakeTelegram, params: Json) -> Json:
    """getFile: a File."""
    return telegram.files.described(params["file_id"])


def chat_action(telegram: FakeTelegram, params: Json) -> bool:
    """sendChatAction: whoever looks on sees it."""
    checks.check_chat_action(params["action"])
    chat = telegram.reach(params["chat_id"])
    if params.get("message_thread_id") is not None and params["message_thread_id"] not in chat.topics:
        raise bad_request("message thread not found")
    telegram.tell("action", {"chat": chat.info, "action": params["action"]})
    return True


def get_chat(telegram: FakeTelegram, params: Json) -> Json:
    """getChat: a ChatFullInfo."""
    chat = telegram.reach(params["chat_id"])
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return {
        **chat.info,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def set_commands(telegram: FakeTelegram, params: Json) -> bool:
    """setMyCommands: kept in ``telegram.commands`` by scope and language."""
    checks_inline.check_commands(params["commands"])
    telegram.commands[scope_key(params.get("scope")), language_key(params)] = copy.deepcopy(params["commands"])
    telegram.tell("profile", {})
    return True


def get_commands(telegram: FakeTelegram, params: Json) -> list[Json]:
    """getMyCommands."""
    return telegram.commands.get((scope_key(params.get("scope")), language_key(params)), [])


def delete_commands(telegram: FakeTelegram, params: Json) -> bool:
    """deleteMyCommands."""
    telegram.commands.pop((scope_key(params.get("scope")), language_key(params)), None)
    telegram.tell("profile", {})
    return True


def profile_setter(field: str) -> Method:
    """The method that sets the name or a description, kept in ``telegram.profile`` by language."""

    def set_text(telegram: FakeTelegram, params: Json) -> bool:
        text = params.get(field, "")
        check_profile_text(text, TEXTS[field], field)
        language = language_key(params)
        if text:
            telegram.profile[field][language] = text
        else:
            telegram.profile[field].pop(language, None)
        telegram.tell("profile", {})
        return True

    return set_text


def profile_getter(field: str) -> Method:
    """The method that tells the name or a description."""

    def get_text(telegram: FakeTelegram, params: Json) -> Json:
        return {field: telegram.profile[field].get(language_key(params), "")}

    return get_text


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": webhook_info,
    "sendMessage": messages.send_message,
    "sendDocument": messages.send_document,
    "sendPhoto": messages.send_photo,
    "editMessageText": messages.edit_text,
    "editMessageReplyMarkup": messages.edit_markup,
    "deleteMessage": messages.delete,
    "setMessageReaction": messages.react,
    "answerCallbackQuery": answer_callback,
    "answerInlineQuery": answer_inline,
    "answerGuestQuery": answer_guest,
    "sendChatAction": chat_action,
    "getChat": get_chat,
    "getFile": get_file,
    "setMyCommands": set_commands,
    "getMyCommands": get_commands,
    "deleteMyCommands": delete_commands,
    "setMyDescription": profile_setter("description"),
    "getMyDescription": profile_getter("description"),
    "setMyShortDescription": profile_setter("short_description"),
    "getMyShortDescription": profile_getter("short_description"),
    "setMyName": profile_setter("name"),
    "getMyName": profile_getter("name"),
}
