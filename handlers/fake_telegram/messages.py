"""The methods that send, edit and delete messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import checks
from .keyboards import check_markup
from .store import Chat, bare
from .wire import Json, Upload, bad_request

if TYPE_CHECKING:
    from .core import FakeTelegram

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
DELETABLE_FOR = 48 * 3600
COMPARED = ("text", "entities", "reply_markup", "link_preview_options")


def send_message(telegram: FakeTelegram, params: Json) -> Json:
    """sendMessage: the Message."""
    text, entities = checks.formatted(params["text"], params.get("parse_mode"), params.get("entities"))
    preview = params.get("link_preview_options")
    if preview is not None:
        checks.check_link_preview(preview)
    return _send(telegram, params, {"text": text, "entities": entities, "link_preview_options": preview})


def send_document(telegram: FakeTelegram, params: Json) -> Json:
    """sendDocument: the Message."""
    upload = _upload(telegram, params, "document")
    caption = _caption(params)
    told = telegram.files.add(upload.content, upload.name, "documents")
    document = {"file_name": upload.name, "mime_type": upload.mime_type, **told}
    return _send(telegram, params, {"document": document, **caption})


def send_photo(telegram: FakeTelegram, params: Json) -> Json:
    """sendPhoto: the Message."""
    upload = _upload(telegram, params, "photo")
    caption = _caption(params)
    told = telegram.files.add(upload.content, upload.name, "photos")
    return _send(telegram, params, {"photo": [{"width": 640, "height": 480, **told}], **caption})


def edit_text(telegram: FakeTelegram, params: Json) -> Json | bool:
    """editMessageText: the Message, or True for an inline message."""
    text, entities = checks.formatted(params["text"], params.get("parse_mode"), params.get("entities"))
    preview = params.get("link_preview_options")
    if preview is not None:
        checks.check_link_preview(preview)
    keyboard = check_markup(params.get("reply_markup"), inline_only=True)
    message = _to_edit(telegram, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    changes = {"text": text, "entities": entities, "link_preview_options": preview, "reply_markup": keyboard}
    return _edited(telegram, message, {**message, **changes})


def edit_markup(telegram: FakeTelegram, params: Json) -> Json | bool:
    """editMessageReplyMarkup: the Message, or True for an inline message."""
    keyboard = check_markup(params.get("reply_markup"), inline_only=True)
    message = _to_edit(telegram, params)
    return _edited(telegram, message, {**message, "reply_markup": keyboard})


def delete(telegram: FakeTelegram, params: Json) -> bool:
    """deleteMessage: the bot's own messages everywhere, those of others in private chats, for 48 hours."""
    chat = telegram.reach(params["chat_id"])
    message = chat.messages.get(params["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    own = message["from"]["id"] == telegram.bot["id"]
    if not own and not chat.private:
        raise bad_request("message can't be deleted")
    if telegram.now() - message["date"] > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")
    telegram.remove(chat, params["message_id"])
    return True


def react(telegram: FakeTelegram, params: Json) -> bool:
    """setMessageReaction: kept in ``telegram.reactions``."""
    checks.check_reaction(params.get("reaction", []))
    chat = telegram.reach(params["chat_id"])
    if params["message_id"] not in chat.messages:
        raise bad_request("message to react not found")
    emoji = [one["emoji"] for one in params.get("reaction", [])]
    if emoji:
        telegram.reactions[chat.id, params["message_id"]] = emoji
    else:
        telegram.reactions.pop((chat.id, params["message_id"]), None)
    telegram.tell("reaction", {"chat": chat.info, "message_id": params["message_id"]})
    return True


def _send(telegram: FakeTelegram, params: Json, content: Json) -> Json:
    """Store a message of the bot, in its topic and as the reply it is."""
    keyboard = check_markup(params.get("reply_markup"))
    if "reply_parameters" in params:
        checks.check_reply(params["reply_parameters"])
    chat = telegram.reach(params["chat_id"])
    topic = params.get("message_thread_id")
    if topic is not None and topic not in chat.topics:
        raise bad_request("message thread not found")
    reply_to, quote = _replied(chat, params.get("reply_parameters"))
    protected = params.get("protect_content") or None
    told = {"quote": quote, "reply_markup": keyboard, "has_protected_content": protected}
    fields = {**chat.placed(topic, reply_to), **content, **told}
    prompt = params.get("reply_markup")
    if keyboard is None and prompt and "inline_keyboard" not in prompt:
        chat.prompts[chat.upcoming] = prompt
    return chat.add(telegram.bot_user(), telegram.now(), bare(fields))


def _replied(chat: Chat, parameters: Json | None) -> tuple[Json | None, Json | None]:
    """The message that is replied to and the quote of it; None where there is none."""
    if not parameters:
        return None, None
    elsewhere = parameters.get("chat_id", chat.id) != chat.id
    message = None if elsewhere else chat.messages.get(parameters["message_id"])
    if message is None:
        if parameters.get("allow_sending_without_reply"):
            return None, None
        raise bad_request("message to be replied not found")
    if "quote" not in parameters:
        return message, None
    quote, _ = checks.formatted(parameters["quote"], parameters.get("quote_parse_mode"), None, limit=1024)
    if quote not in str(message.get("text", message.get("caption", ""))):
        raise bad_request("QUOTE_TEXT_INVALID")
    return message, {"text": quote, "position": parameters.get("quote_position", 0), "is_manual": True}


def _to_edit(telegram: FakeTelegram, params: Json) -> Json:
    """The stored message that an edit is about."""
    if "inline_message_id" in params:
        if "chat_id" in params or "message_id" in params:
            raise bad_request("inline_message_id excludes chat_id and message_id")
        if params["inline_message_id"] not in telegram.inline_messages:
            raise bad_request("MESSAGE_ID_INVALID")
        return telegram.inline_messages[params["inline_message_id"]]
    if "chat_id" not in params or "message_id" not in params:
        raise bad_request("message identifier is not specified")
    message = telegram.reach(params["chat_id"]).messages.get(params["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != telegram.bot["id"]:
        raise bad_request("message can't be edited")
    return message


def _edited(telegram: FakeTelegram, message: Json, new: Json) -> Json | bool:
    """Change a stored message in place, if anything of it changes."""
    new = bare(new)
    if all(new.get(name) == message.get(name) for name in COMPARED):
        raise bad_request(NOT_MODIFIED)
    message.clear()
    message.update(new)
    inline = "inline_message_id" in message
    if not inline:
        message["edit_date"] = telegram.now()
    if "chat" in message:
        telegram.tell("message", message)
    return True if inline else message


def _caption(params: Json) -> Json:
    caption, entities = checks.formatted(
        params.get("caption", ""),
        params.get("parse_mode"),
        params.get("caption_entities"),
        limit=checks.CAPTION_LIMIT,
        what="message caption",
    )
    return {"caption": caption, "caption_entities": entities}


def _upload(telegram: FakeTelegram, params: Json, name: str) -> Upload:
    """The file of a parameter: uploaded, attached, by URL, or one that is there already."""
    value = params[name]
    if isinstance(value, str) and value.startswith("attach://"):
        value = params.get(value.removeprefix("attach://"), "")
    if isinstance(value, Upload):
        if not value.content:
            raise bad_request("file must be non-empty")
        return value
    if isinstance(value, str) and value in telegram.files.content:
        folder, _, known = telegram.files.paths[value].partition("/")
        if folder != f"{name}s":
            raise bad_request(f"can't use file of type {folder.removesuffix('s').title()} as {name.title()}")
        return Upload(known, telegram.files.content[value])
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return Upload(value.rsplit("/", 1)[1] or "file", value.encode())
    raise bad_request("wrong file identifier/HTTP URL specified")
