"""The bot at work: made, started, kept running until it is told to stop, and stopped within seconds."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import secrets
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from telegram import LinkPreviewOptions
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, Defaults
from telegram.request import BaseRequest

import knowledge
from handlers import registry, rendering
from handlers.people import People
from handlers.settings import Settings, needed_token
from handlers.shared.context import BotContext
from handlers.shared.services import Services
from handlers.transport.api import RawBot
from handlers.transport.counted import CountedRequest
from handlers.transport.intake import MAX_QUEUED, Intake
from handlers.transport.limit import Limit
from handlers.transport.logs import catch_forgotten
from handlers.transport.order import ChatOrder
from handlers.transport.pacing import Pacer
from handlers.transport.polling import poll
from handlers.transport.request import AiohttpRequest
from handlers.transport.trouble import Trouble, no_telegram
from handlers.transport.webhook import hook
from knowledge import store

from . import gauges, ops, timers
from .health import Health
from .reaching import announced, introduced

GRACE: Final = 5.0
"""Seconds that updates in flight may take when the bot is told to stop; the rest is handled after the next start."""
CONNECTIONS: Final = 64
"""Requests to Telegram at the same time."""

log = structlog.get_logger(__name__)

App = Application[Any, BotContext, Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot, made and not yet started."""

    application: App
    services: Services
    order: ChatOrder
    intake: Intake
    health: Health


def make(
    settings: Settings, request: BaseRequest | None = None, updates_request: BaseRequest | None = None,
    knowledge_dir: Path | None = None,
) -> Bot:  # fmt: skip
    """Make the bot; the requests may be given, to speak to something else than a server, and the folder of knowledge.db where
    it is not that of people.db.

    Raises:
        SettingsError: there is no token.
        KnowledgeError: a database cannot be used.
    """
    token = needed_token(settings)
    folder = knowledge_dir or settings.data_dir
    engine = knowledge.open_engine(folder)
    engine.warm()
    knowledge.warm()
    rendering.warm()
    people = People(
        settings.data_dir, retention_days=settings.question_log_days, owners=settings.owner_ids, stand_in=True
    )
    services = Services(settings, engine, people, folder, store.state(folder))
    order = ChatOrder(people, Limit(settings.questions_per_minute), services.metrics)
    # A message waits 20 seconds for its answer: to give up earlier means not to know whether it arrived.
    request = request or AiohttpRequest(CONNECTIONS, read_timeout=20)
    updates_request = updates_request or AiohttpRequest(1)
    bot = RawBot(
        token,
        base_url=f"{settings.telegram_api_base_url}/bot",
        base_file_url=f"{settings.telegram_api_base_url}/file/bot",
        request=CountedRequest(request, services.metrics, no_telegram()),
        get_updates_request=CountedRequest(
            updates_request,
            services.metrics,
            Trouble("Telegram cannot be reached for updates; trying again", "Telegram is reached again for updates"),
        ),
        defaults=Defaults(link_preview_options=LinkPreviewOptions(is_disabled=True)),
        rate_limiter=Pacer(settings.messages_per_second),
    )
    application: App = (
        ApplicationBuilder()
        .bot(bot)
        .updater(None)
        .update_queue(asyncio.Queue(MAX_QUEUED))
        .job_queue(None)
        .concurrent_updates(order)
        .context_types(ContextTypes(context=BotContext))
        .build()
    )
    application.bot_data = services
    registry.register(application, people)
    health = Health(services, bot)
    gauges.watch(services, order, application.update_queue)
    services.metrics.reads(health.readings)
    return Bot(application, services, order, Intake(application, people, order), health)


@asynccontextmanager
async def started(bot: Bot) -> AsyncIterator[None]:
    """The bot handling updates; on leaving, what is in flight is finished or left for the next start.

    Raises:
        PollingError: the token is refused.
    """
    application, people = bot.application, bot.services.people
    try:
        await introduced(application)
        await application.start()
        try:
            async with timers.beside(application):
                await bot.intake.replay()
                yield
        finally:
            cut = await bot.order.close(GRACE)
            await application.stop()
            log.info("stopped", left_for_next_start=cut)
    finally:
        with contextlib.suppress(TelegramError, RuntimeError):
            await application.shutdown()
        people.close()


async def run(bot: Bot, ready: Callable[[], None] | None = None) -> None:
    """Run the bot until SIGTERM or SIGINT; ``ready`` is called once it answers.

    Raises:
        PollingError: Telegram refuses the token, or another process polls with it.
        ListenError: the address of the webhook cannot be listened on.
    """
    # Half a million small objects of the knowledge stay for good: looking for garbage among them is time lost.
    gc.collect()
    gc.freeze()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    catch_forgotten(loop)
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows stops by KeyboardInterrupt.
            loop.add_signal_handler(name, stop.set)
    stopping = asyncio.create_task(stop.wait())
    working = asyncio.create_task(_work(bot, stop, ready))
    await asyncio.wait({stopping, working}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    stopping.cancel()
    await working


async def _work(bot: Bot, stop: asyncio.Event, ready: Callable[[], None] | None) -> None:
    settings = bot.services.settings
    entering = asyncio.create_task(stop.wait())
    async with contextlib.AsyncExitStack() as stack:
        # Before Telegram is reached: an operator wants to see that it is not.
        await stack.enter_async_context(ops.beside(settings.ops_listen, bot.health, bot.services.metrics))
        # Until Telegram is reached there is nothing in flight: told to stop, the bot stops at once.
        opening = asyncio.create_task(stack.enter_async_context(started(bot)))
        await asyncio.wait({opening, entering}, return_when=asyncio.FIRST_COMPLETED)
        if not opening.done():
            opening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await opening
            return
        await opening
        edition = bot.services.engine.snapshot.edition
        log.info(
            "started",
            bot=bot.application.bot.username,
            edition=edition,
            mode="webhook" if settings.webhook_url else "polling",
        )
        if ready:
            ready()
        receiving = asyncio.create_task(_receive(bot))
        await asyncio.wait({receiving, entering}, return_when=asyncio.FIRST_COMPLETED)
        entering.cancel()
        receiving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await receiving


async def _receive(bot: Bot) -> None:
    """Receive updates until cancelled."""
    settings, telegram = bot.services.settings, bot.application.bot
    if not settings.webhook_url:
        try:
            await telegram.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            # A server may have no webhooks; where one is set all the same, polling says so (409).
            log.warning("webhook not removed", error=type(error).__name__)
        await poll(telegram, bot.intake)
        return
    secret = settings.webhook_secret.get_secret_value() or secrets.token_urlsafe(32)
    async with hook(bot.intake, settings.webhook_listen, settings.webhook_url, secret):
        await announced(telegram, settings.webhook_url, secret)
        await bot.health.keep_asking()
