"""The page and the bot together, in one process: the very bot of `bot.py run`, whose Telegram is the page's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from handlers.fake_telegram import InProcessRequest
from handlers.people import People
from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.service import menus
from handlers.service.running import Bot, make
from handlers.service.running import run as run_bot
from handlers.settings import Settings, load
from handlers.shared.examples import examples
from knowledge.model import Language

from .server import MAX_UPLOAD, serve
from .stage import ADMIN, GROUP_TITLE, OFFICER, OFFICERS_REGION, PEOPLE, TOKEN, USERNAME, Stage
from .words import words

FOLDER: Final = "preview"
"""Where in DATA_DIR the page has its own data."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The page, served, and the bot behind it, not yet started."""

    stage: Stage
    bot: Bot
    address: str


def settings_for(data_dir: Path, **given: Any) -> Settings:
    """The settings in force, but for what is the page's own: its folder, its Telegram, its admin. There is no operator, so there
    are no server and no backups for one.

    Raises:
        SettingsError: one of them is wrong.
    """
    own = {
        "telegram_token": TOKEN,
        "telegram_api_base_url": "http://preview",
        "webhook_url": "",
        "ops_listen": None,
        "owner_ids": (ADMIN.id,),
        "backup_keep": 0,
    }
    return load(data_dir=data_dir / FOLDER, **own, **given)


@asynccontextmanager
async def opened(settings: Settings, knowledge_dir: Path | None = None) -> AsyncIterator[Preview]:
    """Serve the page, and make the bot.

    Raises:
        ListenError: PREVIEW_LISTEN cannot be listened on.
        KnowledgeError: a database cannot be used, or another preview uses it.
    """
    stage = Stage(settings.data_dir)
    try:
        async with serve(stage, settings.preview_listen, beginning(stage, settings, knowledge_dir)) as address:
            telegram = stage.telegram
            bot = make(settings, InProcessRequest(telegram), InProcessRequest(telegram), knowledge_dir=knowledge_dir)
            if stage.fresh:
                menus.forget(bot.services.people)
                _give_roles(bot.services.people)
            yield Preview(stage, bot, address)
    finally:
        stage.close()


def _give_roles(people: People) -> None:
    """The admin is an owner by the settings; the officer gets a region."""
    people.apply(lambda: people.staff.give(OFFICER.id, OFFICER.name, Role.OFFICER, (OFFICERS_REGION,), None))


async def run(settings: Settings, knowledge_dir: Path | None, ready: Callable[[str], None]) -> None:
    """Serve the page until SIGTERM or SIGINT; ``ready`` is called with its address once the bot answers.

    Raises:
        ListenError, KnowledgeError: as :func:`opened`.
    """
    async with opened(settings, knowledge_dir) as preview:
        await run_bot(preview.bot, lambda: ready(preview.address))


def beginning(stage: Stage, settings: Settings, knowledge_dir: Path | None) -> dict[str, Any]:
    """What the page needs before anything is said."""
    languages: tuple[Language, ...] = ("id", "en")
    return {
        "words": {language: words(speech(language)) for language in languages},
        "examples": {language: examples(speech(language)) for language in languages},
        "language": settings.default_language,
        "people": [{"role": p.role, "id": p.id, "name": p.name} for p in PEOPLE],
        "group": {"id": stage.group.id, "title": GROUP_TITLE},
        "bot": USERNAME,
        "name": stage.telegram.bot["first_name"],
        "most": MAX_UPLOAD,
        "data": str(knowledge_dir) if knowledge_dir else "",
    }
