"""Work of seconds in a process of its own, so that the bot goes on answering; one such process at a time.

Killed with the bot or without it, it leaves nothing half-done: it writes in one transaction, or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

import structlog
from telegram.error import TelegramError

from handlers.shared.context import BotContext
from knowledge import store
from knowledge.errors import InvalidDataError, KnowledgeError, saying

SECONDS: Final = 120.0
"""How long a job may take: ten times what 50,000 rows need."""
AGAIN: Final = 4.5
"""Telegram shows for five seconds that the bot is busy."""
_START: Final = "from handlers.staff.deskwork import main; main()"
_ROOT: Final = Path(__file__).parent.parent.parent

log = structlog.get_logger(__name__)


async def at_desk(context: BotContext, job: str, *arguments: Any, action: Literal["typing", "upload_document"]) -> Any:
    """What a job of ``deskwork.py`` comes to; meanwhile the chat shows that the bot is busy.

    Raises:
        KnowledgeError: what the job raises.
        InvalidDataError: it took too long.
    """
    folder = context.services.knowledge_dir.resolve()
    store.present(folder)
    async with context.services.desk, _busy(context, action):
        result = await _done(pickle.dumps((job, (folder, *arguments))))
    if isinstance(result, KnowledgeError):
        raise result
    return result


async def _done(request: bytes) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _START, cwd=_ROOT, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS):
            answer, errors = await process.communicate(request)
    except TimeoutError:
        raise InvalidDataError(saying("This takes too long. Send the file in smaller parts.")) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        last = errors.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise RuntimeError(f"the desk ended with status {process.returncode}: {''.join(last).partition(':')[0]}")
    return pickle.loads(answer)


@asynccontextmanager
async def _busy(context: BotContext, action: str) -> AsyncIterator[None]:
    """The chat shows that the bot is at work."""

    async def show() -> None:
        while True:
            try:
                await context.bot.send_chat_action(context.chat_id, action)
            except TelegramError as error:
                log.debug("not shown as busy", error=type(error).__name__)
            await asyncio.sleep(AGAIN)

    showing = asyncio.create_task(show())
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
