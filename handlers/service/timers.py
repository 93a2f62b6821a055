"""What the bot does again and again beside the answers. No clock that somebody sets is asked, and nothing that fails ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from telegram.ext import Application

from handlers.people import People
from handlers.people.connection import Unsaved
from handlers.shared.services import Services
from handlers.staff import reports, telling
from handlers.staff.publishing import follow
from handlers.transport.api import RawBot
from handlers.transport.logs import trace_of
from handlers.transport.trouble import Trouble

from . import menus, nightly, opendata, weekly
from .delivery import Delivery

EXPIRE_SECONDS: Final = 3600.0
"""How often what is old is forgotten: it is counted in days."""
FOLLOW_SECONDS: Final = 5.0
"""How often it is looked whether another process changed the knowledge; a look takes some 0.2 ms."""
CATCH_UP_SECONDS: Final = 60.0
"""How often it is looked whether somebody is to be told what became of their question or report."""
AGAIN_SECONDS: Final = 60.0
"""After how long something that goes on by itself is begun anew where it ended with an error."""
FIRST_TRY: Final = 2.0
"""Seconds after which it is tried for the first time to use people.db again."""
LONGEST_TRY: Final = 60.0
"""Seconds between two such tries, at most: each takes some milliseconds, in which nobody is answered."""

App = Application[Any, Any, Any, Any, Any, Any]


@asynccontextmanager
async def beside(application: App) -> AsyncIterator[None]:
    """Everything that goes on beside the answers, until the block ends."""
    services: Services = application.bot_data
    bot, people = application.bot, services.people
    language = services.settings.default_language
    doing = {
        # A server that is slow to take the menus must not keep people waiting.
        "menus": partial(menus.send, bot, people, language),
        "recovery": partial(recover, people),
        "forgetting": partial(every, EXPIRE_SECONDS, "forgetting what is old", partial(_expire, people)),
        "following": partial(every, FOLLOW_SECONDS, "following the knowledge", partial(_follow, services)),
        "telling": partial(
            every, CATCH_UP_SECONDS, "telling what became of questions", partial(_catch_up, bot, services)
        ),
        "digest": partial(weekly.keep_sending, application),
        "backup": partial(nightly.keep_backing_up, application),
        "open data": partial(opendata.keep_publishing, services),
    }
    delivery = Delivery(bot, services)
    delivery.start()
    tasks = [asyncio.create_task(kept(name, do)) for name, do in doing.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, delivery.close(), return_exceptions=True)


async def kept(name: str, do: Callable[[], Awaitable[None]]) -> None:
    """Do something to its end, and begin anew where an error ended it."""
    trouble = Trouble(f"{name} ended; it begins anew each minute", f"{name} ended well")
    while True:
        try:
            await do()
        except Unsaved:  # The log has a line of that already.
            await asyncio.sleep(AGAIN_SECONDS)
        except Exception as error:
            # Whatever it is: it must not end without a word. What the error says may hold what a person wrote.
            trouble.failed(error=type(error).__name__, trace=trace_of(error))
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            trouble.over()
            return


async def every(seconds: float, name: str, step: Callable[[], Awaitable[None]]) -> None:
    """Do something at once and then every so many seconds, until cancelled; that it failed once does not end it."""
    trouble = Trouble(f"{name} fails; it is tried again", f"{name} works again")
    while True:
        try:
            await step()
        except Unsaved:  # The log has a line of that already.
            pass
        except Exception as error:
            trouble.failed(error=type(error).__name__, trace=trace_of(error))
        else:
            trouble.over()
        await asyncio.sleep(seconds)


async def recover(people: People) -> None:
    """Use people.db again as soon as that is possible, until cancelled."""
    pause = FIRST_TRY
    while True:
        await asyncio.sleep(pause)
        pause = FIRST_TRY if people.recover() else min(pause * 2, LONGEST_TRY)


async def _expire(people: People) -> None:
    people.expire()


async def _follow(services: Services) -> None:
    """Answer from what another process, such as `bot.py kb import`, made of the knowledge."""
    # A file that is being applied is followed when it is prepared too: to read it here as well would be done twice.
    if not services.desk.locked():
        await follow(services)


async def _catch_up(bot: RawBot, services: Services) -> None:
    """Tell who waits for an answer, where another change than a decision on their question brought one, and whose report was
    decided on with `bot.py queue`."""
    if services.people.writable:  # Who was told has to be written down.
        await telling.catch_up(bot, services)
        await reports.tell_owed(bot, services)
