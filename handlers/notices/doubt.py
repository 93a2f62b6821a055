"""Did a message arrive, of which only that is known that it was to be sent? Telegram tells nothing of messages sent before, but
refuses to change one to what it is: so the message is looked for under the next ids after the last that is known.

Ids of private chats are one growing sequence of the whole bot; some servers count in each chat. Both are tried.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest, TelegramError

from handlers.people import People
from handlers.people.deliveries import Outgoing
from handlers.transport.api import RawBot
from handlers.transport.outbox import means, tolerant
from handlers.transport.pacing import certainly_not_done

PROBES: Final = 20
"""Ids that are tried after the last known one, of the chat and of the bot: what comes in or goes out in the half second that
a message may be on its way, with room to spare. One try takes as long as a message."""
_THE_SAME: Final = ("message is not modified",)


class Search:
    """Looks for one message. Where it is broken off, it goes on from there when it is begun again.

    A message of the bot's that nobody knows of, such as an answer that a kill cut off and that comes again, is changed by the
    search: where the right one is found besides, it is taken away; else it stands for it.
    """

    def __init__(self, bot: RawBot, people: People, outgoing: Outgoing) -> None:
        self._bot = bot
        self._people = people
        self._outgoing = outgoing
        self._not_it: set[int] = {0}
        self._perhaps_changed: dict[int, None] = {}
        self.tries = 0
        """How many ids were looked at."""

    async def found(self) -> int | None:
        """The id of the message; None where it did not arrive. Nothing else may be sent to the chat meanwhile (see
        :meth:`handlers.transport.pacing.Pacer.held`).

        Raises:
            TelegramError: it cannot be found out now; or, as ``Forbidden``, the chat is closed to the bot.
        """
        exact = None
        known = self._people.inbox.messages_of(self._outgoing.user_id)
        for message_id in _candidates(self._outgoing):
            if message_id not in self._not_it and message_id not in known and await self._is_it(message_id):
                exact = message_id
                break
        found = exact or next(iter(self._perhaps_changed), None)
        for message_id in self._perhaps_changed:
            if message_id != found:
                with tolerant():
                    await self._bot.raw_delete(self._outgoing.user_id, message_id)
        return found

    async def _is_it(self, message_id: int) -> bool:
        """Whether a message is the right one. What the try itself made the same is noted as changed, not taken for it."""
        outgoing, before = self._outgoing, message_id in self._perhaps_changed
        try:
            await self._bot.raw_edit(outgoing.user_id, message_id, outgoing.html, keyboard_of(outgoing, self._bot))
            self._perhaps_changed[message_id] = None
        except BadRequest as error:
            if means(error, _THE_SAME) and not before:
                return True
            if not means(error, _THE_SAME):
                self._perhaps_changed.pop(message_id, None)
        except TelegramError as error:
            if not certainly_not_done(error):
                self._perhaps_changed[message_id] = None
            raise
        self._not_it.add(message_id)
        self.tries += 1
        return False


def keyboard_of(outgoing: Outgoing, bot: RawBot) -> InlineKeyboardMarkup | None:
    """The buttons of a message that is on its way."""
    return InlineKeyboardMarkup.de_json(json.loads(outgoing.keyboard), bot) if outgoing.keyboard else None


def _candidates(outgoing: Outgoing) -> Iterator[int]:
    """The ids under which it may be, the likeliest first."""
    for step in range(1, PROBES + 1):
        for last in (outgoing.before, outgoing.before_here):
            if last:
                yield last + step
