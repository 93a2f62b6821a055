"""people.db fails just after something else was changed for good: what belongs to that is written all the same, and nobody is
told that nothing was changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import test_corrections
import test_editing_chat
from admins import Chat
from faults import UNSAVED, said_to
from running import Running, play, running
from test_imports_chat import begun, imports, uploads

from handlers.fake_telegram import FakeTelegram
from handlers.people import People
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.staff import desk, publishing
from knowledge import history
from knowledge.errors import DatabaseError, InvalidDataError, saying

pytestmark = pytest.mark.usefixtures("quick", "desk_here")

MADE = "The change was made, but something went wrong after it. Please look at the history before you do it again."


class Lock:
    """Another process that writes to people.db from some moment on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._other: sqlite3.Connection | None = None

    def begins(self, people: People) -> None:
        """It writes from now on, and does not end; the bot has noticed it already."""
        if self._other is None:
            self._other = sqlite3.connect(self._folder / "people.db", isolation_level=None)
            self._other.execute("begin immediate")
            people.apply(lambda: people.tally.add("answered", "en", ""))
            assert not people.writable

    def ends(self) -> None:
        """It ends, if it has begun."""
        if self._other:
            self._other.close()
            self._other = None


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[Lock]:
    """One that ends with the test."""
    made = Lock(tmp_path)
    yield made
    made.ends()


@pytest.fixture
def after_a_change(lock: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins once a change of the knowledge is made."""
    renew = publishing._renew

    async def renewed(services: Any) -> None:
        await renew(services)
        if history.newest(tmp_path) > 1:
            lock.begins(services.people)

    monkeypatch.setattr(publishing, "_renew", renewed)


async def ended(bot: Running, lock: Lock) -> None:
    """Wait until the update is handled without people.db, end that, and wait until the file is in use."""
    await bot.telegram.until(lambda: not (bot.people.writable or bot.bot.order.at_work))
    lock.ends()
    await bot.telegram.until(lambda: bot.people.writable)
    await bot.settles()


@pytest.mark.usefixtures("after_a_change")
def test_a_proposal_that_was_accepted_is_settled(tmp_path: Path, lock: Lock) -> None:
    async def scene(d: test_corrections.Desk) -> None:
        await d.does(d.wati, *test_corrections.SENT)
        await d.does(d.ratna, "[Open the proposal]", *test_corrections.ACCEPTED)
        d.ratna.presses("Confirm")
        await ended(d.bot, lock)
        assert "Done: change no. 2" in d.shown(d.ratna)
        assert not {UNSAVED, MADE} & set(said_to(d.telegram, d.ratna))
        assert "no. 1 is accepted and published" in d.shown(d.wati)
        (made,) = d.bot.people.corrections.of(d.wati.id)
        assert (made.state, made.change) == ("accepted", 2)
        assert d.bot.people.drafts.of(d.ratna.id) == []
        assert set(d.bot.outcomes()[-1:]) == {"done"}

    test_corrections.at_desk(tmp_path, scene)


@pytest.mark.usefixtures("after_a_change")
def test_a_report_that_was_followed_is_settled(tmp_path: Path, lock: Lock) -> None:
    async def scene(d: test_editing_chat.Desk) -> None:
        await d.does(d.kate, "who was the regent of klaten?", "[Something wrong?]")
        d.kate.sends("The name is misspelt.", reply_to=d.telegram.last(d.kate))
        await d.bot.settles()
        await d.does(d.sari, "/queue", "[Reports", "[No. 1", "[Accept]", "[R001", "[✏️ text in English]")
        await d.does(d.sari, "The regent was Sri Mulyani.", test_editing_chat.SOURCE)
        d.sari.presses("Confirm")
        await ended(d.bot, lock)
        assert UNSAVED not in said_to(d.telegram, d.sari)
        assert "The regent was Sri Mulyani." in d.telegram.said(d.kate)[-1]
        assert d.bot.people.reports.settled_by(2) == [1]

    test_editing_chat.at_desk(tmp_path, scene)


def test_a_file_that_was_applied_is_done_with(tmp_path: Path, lock: Lock, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk._done

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)

            async def then_locked(request: bytes) -> Any:
                result = await made(request)
                lock.begins(bot.people)
                return result

            monkeypatch.setattr(desk, "_done", then_locked)
            sari.presses("Apply")
            await ended(bot, lock)
            assert "Applied as change no. 2: 1 changed." in sari.said[-2]
            assert UNSAVED not in said_to(telegram, sari)
            assert uploads(bot) == 0

    play(scene)


def test_a_file_that_took_too_long_only_after_it_was_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sent it must not believe that nothing was changed."""
    made = desk._done

    async def too_long(request: bytes) -> Any:
        result = await made(request)
        if imports(tmp_path):
            raise InvalidDataError(saying("This takes too long. Send the file in smaller parts."))
        return result

    monkeypatch.setattr(desk, "_done", too_long)

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
            sari.presses("Apply")
            await bot.settles()
            assert imports(tmp_path) == [2]
            assert MADE in sari.said
            assert not [text for text in said_to(telegram, sari) if "too long" in text]

    play(scene)


def test_a_change_after_which_the_knowledge_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unread(services: Any) -> None:
        raise DatabaseError("knowledge.db cannot be read")

    async def scene() -> None:
        telegram = FakeTelegram()
        owner = telegram.user("Owner", language="en")
        async with running(telegram, tmp_path, owner_ids=(owner.id,)) as bot:
            await Chat(telegram, owner).edits_text("F001", "It took part.")
            with monkeypatch.context() as failing:
                failing.setattr(publishing, "_renew", unread)
                owner.presses("Confirm")
                await telegram.until(lambda: MADE in said_to(telegram, owner))
            await bot.settles()
            assert UNSAVED not in said_to(telegram, owner)

    play(scene)


def test_a_change_that_could_not_be_told_of_is_done_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(context: BotContext, reply: Reply) -> None:
        raise ZeroDivisionError

    async def scene() -> None:
        telegram = FakeTelegram()
        owner = telegram.user("Owner", language="en")
        async with running(telegram, tmp_path, owner_ids=(owner.id,)) as bot:
            await Chat(telegram, owner).edits_text("F001", "It took part.")
            assert bot.people.drafts.of(owner.id)
            monkeypatch.setattr(BotContext, "replace", fails)
            owner.presses("Confirm")
            await bot.settles()
            assert MADE in said_to(telegram, owner)
            assert not bot.people.drafts.of(owner.id)

    play(scene)
