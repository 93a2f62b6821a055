"""The queue of updates: long polling with offsets, the webhook's settings, which update types the bot wants."""

from __future__ import annotations

import asyncio
import copy
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from .store import Recent, Tell
from .wire import Json, Signal, bad_request, conflict

ONLY_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
POLL_LIMIT = 100
TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Updates:
    """All updates of one bot: those that wait, those that were delivered, and how they are delivered."""

    def __init__(self, tell: Tell, remembers: int | None = None) -> None:
        self.changed = Signal()
        self.pending: list[Json] = []
        self.made: Recent[int, Json] = Recent(remembers)
        self.next_id = 500_001
        self._tell = tell
        self.allowed: list[str] = []
        self.webhook: Json | None = None
        self._again: list[Json] = []
        self._raw: set[int] = set()
        self._poll: asyncio.Future[str] | None = None

    def add(self, kind: str, content: Json) -> Json | None:
        """Queue an update of a type; None where the bot doesn't want that type."""
        update = {"update_id": self._number(), kind: copy.deepcopy(content)}
        if not self._wanted(update):
            return None
        return self._queue(update)

    def add_raw(self, update: Json) -> Json:
        """Queue an update as it is, wanted or not; it gets an update_id where it has none."""
        update = {"update_id": self._number(), **copy.deepcopy(update)}
        self._raw.add(update["update_id"])
        return self._queue(update)

    def add_again(self, update_id: int) -> None:
        """Deliver an update once more, before all others, whatever was confirmed."""
        self._again.append(self.made[update_id])
        self.changed.fire()

    @property
    def waiting(self) -> list[Json]:
        """The updates that wait for delivery, in order."""
        return self._again + self.pending

    def delivered(self, update: Json) -> None:
        """Take an update that the webhook has accepted out of the queue."""
        for queue in (self._again, self.pending):
            if update in queue:
                queue.remove(update)
                break
        self.changed.fire()

    async def poll(
        self,
        offset: int | None = None,
        limit: int = POLL_LIMIT,
        timeout: int = 0,
        allowed_updates: Iterable[str] | None = None,
    ) -> list[Json]:
        """One getUpdates: what waits now or comes within ``timeout`` seconds; a newer call ends this one."""
        if self.webhook:
            raise conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete it first")
        self._want(allowed_updates)
        self._end_poll(TERMINATED)
        self._confirm(offset)
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poll = ended
        deadline = asyncio.get_running_loop().time() + timeout
        try:
            while not self.waiting and not ended.done():
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0:
                    break
                await self.changed.wait(left)
            if ended.done():
                raise conflict(ended.result())
            return self._take(max(1, min(limit, POLL_LIMIT)))
        finally:
            if self._poll is ended:
                self._poll = None

    def set_webhook(self, params: Json) -> None:
        """Deliver to a URL from now on, or poll again where the URL is empty."""
        if params.get("drop_pending_updates"):
            self._again.clear()
            self.pending.clear()
        if not params.get("url"):
            self.webhook = None
            self.changed.fire()
            return
        secret = params.get("secret_token")
        if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        url = urlsplit(params["url"])
        if url.scheme != "https" and url.hostname not in {"127.0.0.1", "localhost"}:
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not 1 <= params.get("max_connections", 40) <= POLL_LIMIT:
            raise bad_request("max_connections must be between 1 and 100")
        self._want(params.get("allowed_updates"))
        self.webhook = {"url": params["url"], "secret_token": secret}
        self.webhook["max_connections"] = params.get("max_connections", 40)
        self._end_poll("terminated by setWebhook request")
        self.changed.fire()

    def webhook_info(self) -> Json:
        """The WebhookInfo object."""
        info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.waiting)}
        info.update({name: value for name, value in (self.webhook or {}).items() if name != "secret_token"})
        if self.allowed:
            info["allowed_updates"] = list(self.allowed)
        return info

    def _queue(self, update: Json) -> Json:
        self.made[update["update_id"]] = update
        self.pending.append(update)
        self._tell("state", {})
        self.changed.fire()
        return update

    def _number(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def _wanted(self, update: Json) -> bool:
        if update["update_id"] in self._raw:
            return True
        kinds = set(update) - {"update_id"}
        return kinds <= set(self.allowed) if self.allowed else not kinds & ONLY_ON_REQUEST

    def _want(self, kinds: Iterable[str] | None) -> None:
        """Remember the types that the bot wants; those that wait and are not among them any more are dropped."""
        if kinds is None:
            return
        kinds = list(kinds)
        if not all(isinstance(kind, str) for kind in kinds):
            raise bad_request("allowed_updates must be an array of strings")
        if kinds != self.allowed:
            self.allowed = kinds
            self.pending = [update for update in self.pending if self._wanted(update)]

    def _end_poll(self, why: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(why)
            self.changed.fire()

    def _confirm(self, offset: int | None) -> None:
        if offset is None:
            return
        before = len(self.pending)
        if offset < 0:
            self.pending = self.pending[offset:]
        else:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
        if len(self.pending) < before:
            self._tell("state", {})

    def _take(self, limit: int) -> list[Json]:
        again, self._again = self._again[:limit], self._again[limit:]
        return copy.deepcopy(again + self.pending[: limit - len(again)])
