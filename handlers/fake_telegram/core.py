"""The fake Telegram itself: one bot, its chats, and the Bot API method by method, whatever the transport."""

from __future__ import annotations

import asyncio
import copy
import inspect
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from .checks_inline import result_text
from .faults import Faults
from .groups import Group, Place
from .keyboards import check_markup
from .methods import METHODS
from .params import NAMES, check_params
from .people import User
from .store import NEVER, OPEN, OUTSIDE, Chat, Files, Recent, Sequence, bare
from .updates import Updates
from .wire import ApiError, Call, Event, Json, bad_request

T = TypeVar("T")


class FakeTelegram:
    """All of Telegram that one bot sees, in memory; with ``privacy`` it sees in groups only what is meant for it."""

    def __init__(
        self,
        *,
        username: str = "tanya100_bot",
        name: str = "",
        token: str = "42:TEST",
        guest_queries: bool = True,
        inline: bool = True,
        privacy: bool = False,
        remembers: int | None = None,
        file_bytes: int | None = None,
        one_sequence: bool = False,
    ) -> None:
        """``remembers``: how many calls, queries and answers are kept, ``file_bytes``: how much of files; None for all.
        ``one_sequence``: the ids of messages grow over all private chats, as Telegram's do, instead of in each."""
        self.token = token
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name or username,
            "username": username,
            "can_join_groups": True,
            "can_read_all_group_messages": not privacy,
            "supports_inline_queries": inline,
            "supports_guest_queries": guest_queries,
        }
        self.clock: Callable[[], float] = time.time
        self.watchers: list[Callable[[Event], None]] = []
        self.calls: deque[Call] = deque(maxlen=remembers)
        self.faults = Faults()
        self.updates = Updates(self.tell, remembers)
        self.changed = self.updates.changed
        self.chats: dict[int, Chat] = {}
        self.files = Files(self.tell, file_bytes)
        self.reactions: dict[tuple[int, int], list[str]] = {}
        self.queries: Recent[str, Json] = Recent(remembers)
        self.open_queries: Recent[str, str] = Recent(remembers)
        self.callback_answers: Recent[str, Json] = Recent(remembers)
        self.inline_answers: Recent[str, Json] = Recent(remembers)
        self.guest_answers: Recent[str, Json] = Recent(remembers)
        self.inline_messages: Recent[str, Json] = Recent(remembers)
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[str, dict[str, str]] = {"name": {}, "description": {}, "short_description": {}}
        self.next_number = 1
        self._sequence = Sequence() if one_sequence else None

    def tell(self, kind: str, content: Json) -> None:
        """Tell all who look on what has happened."""
        for watcher in tuple(self.watchers):
            watcher(Event(kind, content))

    def number(self) -> int:
        """A number that nothing else has."""
        self.next_number += 1
        return self.next_number - 1

    async def handle(self, method: str, params: Json) -> tuple[int, Json]:
        """One Bot API call with decoded parameters: the HTTP status and the envelope; ``NoAnswer`` where none comes."""
        name = NAMES.get(method.lower())
        call = Call(name or method, copy.deepcopy(params))
        self.calls.append(call)
        try:
            await self._run(name, call)
            call.answered = True
            return 200, {"ok": True, "result": copy.deepcopy(call.result)}
        except ApiError as error:
            call.error, call.answered = error, True
            return error.code, error.envelope()
        finally:
            self.changed.fire()

    async def _run(self, name: str | None, call: Call) -> None:
        """Do what a call asks, with the fault that is planned for it."""
        fault = self.faults.take(call.method)
        if fault and not fault.effect:
            raise fault.failure()
        try:
            call.result = await self._result(name, call)
        except ApiError:
            if fault is None:
                raise
        if fault:
            raise fault.failure()

    async def _result(self, name: str | None, call: Call) -> Any:
        """What a call comes to without any fault."""
        if name is None:
            raise ApiError(404, "Not Found")
        check_params(name, call.params)
        result = METHODS[name](self, copy.deepcopy(call.params))
        return copy.deepcopy(await result if inspect.isawaitable(result) else result)

    def user(self, name: str, *, language: str | None = "id", id: int | None = None) -> User:
        """A new person, who has not written to the bot yet."""
        number = id if id is not None else 1_000_000 + self.number()
        info = bare({"id": number, "is_bot": False, "first_name": name, "language_code": language})
        chat = Chat({"id": number, "first_name": name, "type": "private"}, self.tell, NEVER, shared=self._sequence)
        assert number not in self.chats, f"there is a chat {number} already"
        self.chats[number] = chat
        return User(self, info, chat)

    def group(self, title: str, *, supergroup: bool = True, forum: bool = False, member: bool = True) -> Group:
        """A new group with the bot in it, or (``member=False``) without it."""
        return Group(self, self.new_group_chat(title, supergroup=supergroup, forum=forum, member=member))

    def new_group_chat(self, title: str, *, supergroup: bool, forum: bool = False, member: bool = True) -> Chat:
        """The chat of a new group."""
        number = self.number()
        info: Json = {"id": -4_000_000 - number, "title": title, "type": "group"}
        if supergroup:
            info = {"id": -1_001_000_000_000 - number, "title": title, "type": "supergroup"}
        if forum:
            info["is_forum"] = True
        chat = self.chats[info["id"]] = Chat(info, self.tell, OPEN if member else OUTSIDE)
        return chat

    def raw(self, update: Json) -> int:
        """Queue any update, of unknown types too, whatever types the bot wants; its update_id."""
        return int(self.updates.add_raw(update)["update_id"])

    def redeliver(self, update_id: int) -> None:
        """Deliver an update a second time, with the same update_id, confirmed or not."""
        self.updates.add_again(update_id)

    def messages(self, chat: Place | int) -> list[Json]:
        """The messages one sees in a chat, in order, as they are now."""
        return copy.deepcopy(list(self._chat(chat).messages.values()))

    def said(self, chat: Place | int) -> list[str]:
        """The texts (or captions) of the bot's messages in a chat, as they are now."""
        return [str(message.get("text", message.get("caption", ""))) for message in self._own(chat)]

    def last(self, chat: Place | int) -> Json:
        """The bot's last message in a chat; an ``AssertionError`` where it said nothing."""
        own = self._own(chat)
        assert own, "the bot has said nothing in this chat"
        return copy.deepcopy(own[-1])

    def buttons(self, message: Json) -> list[list[str]]:
        """The labels of a message's buttons, row by row."""
        return [
            [button["text"] for button in row] for row in message.get("reply_markup", {}).get("inline_keyboard", [])
        ]

    def called(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    def remove(self, chat: Chat, message_id: int) -> None:
        """Take a message away for good, and what hangs on it."""
        del chat.messages[message_id]
        chat.prompts.pop(message_id, None)
        self.reactions.pop((chat.id, message_id), None)
        self.tell("deleted", {"chat": chat.info, "message_id": message_id})

    def menu(self, chat: Place | int, user: User, language: str) -> list[Json]:
        """The commands that the app of a person, in a language, shows in a chat: the first set of the narrowest scope, as in
        https://core.telegram.org/bots/api#determining-list-of-commands."""
        where = self._chat(chat)
        scopes = [f"chat:{where.id}", "all_private_chats" if where.private else "all_group_chats", "default"]
        if not where.private:
            scopes.insert(0, f"chat_member:{where.id}:{user.id}")
        found = (self.commands.get((scope, code)) for scope in scopes for code in (language, ""))
        return copy.deepcopy(next(filter(None, found), []))

    async def until(self, condition: Callable[[], T], timeout: float = 5.0) -> T:
        """Wait until a condition holds; what it returned. An ``AssertionError`` after ``timeout`` seconds."""
        found = await self.within(condition, timeout)
        assert found, f"it did not come within {timeout} s; the last calls: {list(self.calls)[-3:]}"
        return found

    async def within(self, condition: Callable[[], T], timeout: float) -> T:
        """Wait until a condition holds, or ``timeout`` seconds; what it returned last."""
        deadline = asyncio.get_running_loop().time() + timeout
        while not (found := condition()) and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await self.changed.wait(min(left, 0.05))
        return found

    def expire(self, query_id: str | None = None) -> None:
        """Make a query (or all of them) too old to be answered."""
        for query in [query_id] if query_id else list(self.open_queries):
            self.open_queries.pop(query, None)

    def now(self) -> int:
        """The time of the clock in whole seconds."""
        return int(self.clock())

    def bot_user(self) -> Json:
        """The bot as the sender of a message."""
        return {name: self.bot[name] for name in ("id", "is_bot", "first_name", "username")}

    def reach(self, chat_id: int) -> Chat:
        """The chat of an id for the bot to act in; the errors of Telegram where it may not."""
        if chat_id not in self.chats:
            raise bad_request("chat not found")
        self.chats[chat_id].check_open()
        return self.chats[chat_id]

    def new_query(self, kind: str, content: Json) -> str:
        """Open a callback, inline or guest query; its id."""
        query = f"{kind.split('_', maxsplit=1)[0]}-{self.number()}"
        self.queries[query] = content
        self.open_queries[query] = kind
        return query

    def result_message(self, result: Json) -> Json:
        """The fields of the message that an inline result sends, with a new inline_message_id."""
        identifier = f"inline-message-{self.number()}"
        text, entities = result_text(result)
        preview = result["input_message_content"].get("link_preview_options")
        keyboard = check_markup(result.get("reply_markup"), inline_only=True)
        fields = {"text": text, "entities": entities, "reply_markup": keyboard, "link_preview_options": preview}
        return bare({"inline_message_id": identifier, **fields})

    def _chat(self, place: Place | int) -> Chat:
        return self.chats[place if isinstance(place, int) else place.id]

    def _own(self, place: Place | int) -> list[Json]:
        """The bot's messages in a chat, not to be changed."""
        seen = self._chat(place).messages.values()
        return [message for message in seen if message["from"]["id"] == self.bot["id"]]
