"""The nightly backup: once a day, beside the answers; its failures are told, and what is old goes."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running import Running, furnish, play, running
from structlog.testing import capture_logs
from telegram.error import NetworkError

from handlers.backup import naming
from handlers.fake_telegram import FakeTelegram, User
from handlers.service import nightly as service
from handlers.service.nightly import Nightly, due
from handlers.shared.context import BotContext
from knowledge import copying, store

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
"""2:00 on the 23rd in Jakarta."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "hour", "expected"),
    [
        ("2026-11-22T18:59:59+00:00", 2, "2026-11-21T19:00:00+00:00"),
        ("2026-11-22T19:00:00+00:00", 2, "2026-11-22T19:00:00+00:00"),
        ("2026-11-22T16:59:00+00:00", 0, "2026-11-21T17:00:00+00:00"),
        ("2026-11-22T17:00:00+00:00", 0, "2026-11-22T17:00:00+00:00"),
        ("2026-12-31T16:00:00+00:00", 23, "2026-12-31T16:00:00+00:00"),
    ],
)
def test_when_a_backup_is_due(now: str, hour: int, expected: str) -> None:
    assert due(datetime.fromisoformat(now), hour) == datetime.fromisoformat(expected)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A DATA_DIR with the shipped knowledge, whose backups are beside it."""
    furnish(tmp_path / "data")
    return tmp_path / "data"


def nightly(bot: Running) -> Nightly:
    """The nightly backups of a running bot."""
    return Nightly(BotContext(bot.bot.application))


@pytest.fixture
def no_own_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot does not look by itself, by the real clock."""

    async def nothing(_: object) -> None:
        pass

    monkeypatch.setattr(service, "keep_backing_up", nothing)


@pytest.mark.parametrize("keep", [3, 0])
def test_what_was_kept_before_an_upgrade_goes_in_time(
    folder: Path, one_engine: None, no_own_look: None, keep: int
) -> None:
    """What somebody had deleted since does not stay in it for ever, whether there are nightly backups or not."""
    out = folder / "backups"
    out.mkdir()
    old = [naming.free(out, purpose, NOW - 90 * DAY - HOUR) for purpose in ("before-upgrade", "before-restore")]
    kept = [naming.free(out, "before-upgrade", NOW - 90 * DAY + HOUR), out / "mine-2020-01-01T000000Z.zip"]
    for path in (*old, *kept):
        path.touch()

    async def scene() -> None:
        async with running(FakeTelegram(), folder, backup_keep=keep) as bot:
            assert await nightly(bot).look(NOW)

    play(scene)
    assert [path.exists() for path in (*old, *kept)] == [False, False, True, True]
    assert len(naming.backups(out, "tanya")) == bool(keep)


def test_a_bot_that_stops_waits_for_no_look(
    folder: Path, one_engine: None, no_own_look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, goes_on = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        looking.set()
        goes_on.wait(20)

    monkeypatch.setattr(naming, "expire", slow)

    async def scene() -> None:
        async with running(FakeTelegram(), folder, backup_keep=3) as bot:
            backups = nightly(bot)
            making = asyncio.create_task(backups.keep_making())
            await asyncio.to_thread(looking.wait, 20)
            look = backups._looking
            making.cancel()
            await asyncio.wait({making})
            for _ in range(5):  # What is cancelled ends within a few turns.
                await asyncio.sleep(0)
            ended = look and look.cancelled()
            goes_on.set()
            assert ended

    play(scene)


async def greeted(bot: Running, user: User) -> None:
    """Somebody has a chat with the bot, and one message from it."""
    user.starts()
    await bot.settles()
    assert len(bot.telegram.said(user)) == 1


def test_one_backup_a_day_through_restarts_and_leaps_of_the_clock(
    folder: Path, one_engine: None, no_own_look: None
) -> None:
    async def scene() -> None:
        async with running(FakeTelegram(), folder, backup_keep=3) as bot:
            made = []
            ten_years = timedelta(days=3650)
            for now in (NOW - HOUR, NOW, NOW + HOUR, NOW + DAY - HOUR, NOW + DAY, NOW + ten_years, NOW + DAY + HOUR,
                        NOW + 2 * DAY, NOW + 2 * DAY + HOUR):  # fmt: skip
                before = naming.backups(folder / "backups", "tanya")
                assert await nightly(bot).look(now)
                made += [at for at, _ in naming.backups(folder / "backups", "tanya") if at not in dict(before)]
            assert made == [NOW - HOUR, NOW, NOW + DAY, NOW + ten_years, NOW + 2 * DAY]
            assert len(naming.backups(folder / "backups", "tanya")) == 3

    play(scene)


def test_answers_go_on_while_a_backup_is_made(folder: Path, one_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, write = threading.Event(), threading.Event(), copying.write

    def slow(*arguments: Any) -> None:
        begun.set()
        assert go_on.wait(30)
        write(*arguments)

    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, folder, backup_keep=3) as bot:
            assert await asyncio.to_thread(begun.wait, 30)
            budi = telegram.user("Budi")
            budi.sends("Klaten?")
            await bot.settles()
            assert "Kabupaten Klaten" in telegram.said(budi)[-1]
            assert naming.backups(folder / "backups", "tanya") == []
            go_on.set()
            await telegram.until(lambda: bool(naming.backups(folder / "backups", "tanya")), timeout=30)

    monkeypatch.setattr(copying, "write", slow)
    play(scene)


def test_a_failure_is_told_once_a_day_and_tried_again(
    folder: Path, one_engine: None, no_own_look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(
            telegram, folder, owner_ids=(sari.id,), backup_keep=3, backup_dir=folder / store.FILE / "<no>"
        ) as bot:
            await greeted(bot, sari)
            jobs = nightly(bot)
            assert not await jobs.look(NOW)
            *_, told = telegram.said(sari)
            assert "cadangan" in told.lower()
            assert "<no>" in told
            assert not await jobs.look(NOW + HOUR)
            assert not await nightly(bot).look(NOW + HOUR)  # after a restart
            assert len(telegram.said(sari)) == 2
            monkeypatch.setattr(service, "TOLD_SECONDS", 0.0)  # as after a day
            assert not await jobs.look(NOW + DAY)
            assert len(telegram.said(sari)) == 3

    play(scene)


def test_what_cannot_be_written_down_is_not_told_again_and_again(
    folder: Path, one_engine: None, no_own_look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(
            telegram, folder, owner_ids=(sari.id,), backup_keep=3, backup_dir=folder / store.FILE / "no"
        ) as bot:
            await greeted(bot, sari)

            def full(*_: object) -> None:
                raise sqlite3.OperationalError("database or disk is full")

            monkeypatch.setattr(bot.people, "apply", full)
            jobs = nightly(bot)
            with pytest.raises(sqlite3.OperationalError):
                await jobs.look(NOW)
            assert not await jobs.look(NOW + HOUR)
            assert len(telegram.said(sari)) == 2
            monkeypatch.undo()

    play(scene)


def test_no_failure_is_the_last_look(folder: Path, one_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    async def look(self: Nightly, now: datetime) -> bool:
        looked.append(now)
        if len(looked) == 1:
            raise NetworkError("away")
        return True

    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, folder, backup_keep=3):
            await telegram.until(lambda: len(looked) > 3, timeout=30)

    monkeypatch.setattr(Nightly, "look", look)
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(service, "AGAIN_SECONDS", 0.001)
    play(scene)


def test_a_folder_that_does_not_answer_holds_nobody_up(
    folder: Path, one_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one on a network that is gone; what comes of the look when it answers again is not lost."""
    asked, answers, listed = threading.Event(), threading.Event(), naming.backups
    looks = []

    def hung(*arguments: Any) -> Any:
        looks.append(arguments)
        asked.set()
        assert answers.wait(20)
        return listed(*arguments)

    async def scene() -> None:
        telegram = FakeTelegram()
        sari, budi = telegram.user("Sari"), telegram.user("Budi")
        async with running(telegram, folder, backup_keep=3, owner_ids=(sari.id,)) as bot:
            try:
                assert await asyncio.to_thread(asked.wait, 20)
                budi.sends("Klaten?")
                await bot.settles()
                assert "Kabupaten Klaten" in telegram.said(budi)[-1]
                await greeted(bot, sari)
                jobs, begun = nightly(bot), len(looks)
                monkeypatch.setattr(service, "LONGEST_SECONDS", 0.01)
                assert not await jobs.look(NOW)
                assert str(folder / "backups") in telegram.said(sari)[-1]
                assert not await jobs.look(NOW + HOUR)
                assert len(looks) == begun + 1  # No thread more waits.
            finally:
                answers.set()
            monkeypatch.setattr(service, "LONGEST_SECONDS", 20.0)
            assert await jobs.look(NOW + 2 * HOUR)
            assert NOW in dict(naming.backups(folder / "backups", "tanya"))

    monkeypatch.setattr(naming, "backups", hung)
    play(scene)


def test_a_backup_that_was_made_is_no_failure_where_older_ones_stay(
    folder: Path, one_engine: None, no_own_look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, folder, backup_keep=1, owner_ids=(sari.id,)) as bot:
            await greeted(bot, sari)
            jobs = nightly(bot)
            with monkeypatch.context() as patch:
                patch.setattr(naming, "rotate", refused)
                for at in (NOW, NOW + DAY, NOW + DAY + HOUR):
                    assert await jobs.look(at)
            assert len(telegram.said(sari)) == 1
            assert [at for at, _ in naming.backups(folder / "backups", "tanya")] == [NOW, NOW + DAY]
            assert await jobs.look(NOW + DAY + HOUR)
            assert [at for at, _ in naming.backups(folder / "backups", "tanya")] == [NOW + DAY]

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    with capture_logs() as logs:
        play(scene)
    told = [line["event"].partition(";")[0] for line in logs if "backup" in line["event"]]
    assert [event for event in told if "made" in event] == ["backup made"] * 2
    removing = [line for line in logs if "removed" in line["event"] and line["log_level"] != "debug"]
    assert [line["event"].partition(";")[0] for line in removing] == [
        "old backups cannot be removed", "old backups can be removed again",
    ]  # fmt: skip
    assert removing[0]["detail"] == "Operation not permitted"


@pytest.mark.parametrize("keep", [3, 0])
def test_what_cannot_be_removed_is_told_once_and_no_failure(
    folder: Path, one_engine: None, no_own_look: None, monkeypatch: pytest.MonkeyPatch, keep: int
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    async def scene() -> None:
        async with running(FakeTelegram(), folder, backup_keep=keep) as bot:
            jobs = nightly(bot)
            with monkeypatch.context() as patch:
                patch.setattr(naming, "expire", refused)
                assert [await jobs.look(NOW), await jobs.look(NOW + HOUR)] == [True, True]
            assert await jobs.look(NOW + 2 * HOUR)

    with capture_logs() as logs:
        play(scene)
    removing = [
        line["event"].partition(";")[0] for line in logs if "removed" in line["event"] and line["log_level"] != "debug"
    ]
    assert removing == ["old backups cannot be removed", "old backups can be removed again"]
    assert len(naming.backups(folder / "backups", "tanya")) == bool(keep)


def test_where_none_are_made_none_is_missing(
    folder: Path, one_engine: None, no_own_look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BACKUP_KEEP is 0 and the folder does not answer: nobody is told of a backup that failed."""
    answers = threading.Event()

    def hung(*_: object) -> None:
        assert answers.wait(20)

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, folder, backup_keep=0, owner_ids=(sari.id,)) as bot:
            await greeted(bot, sari)
            try:
                assert not await nightly(bot).look(NOW)
            finally:
                answers.set()
            assert len(telegram.said(sari)) == 1

    monkeypatch.setattr(naming, "expire", hung)
    monkeypatch.setattr(service, "LONGEST_SECONDS", 0.01)
    with capture_logs() as logs:
        play(scene)
    assert [line["event"] for line in logs if line["event"] == "no backup"] == []
    (told,) = [line for line in logs if line["event"].startswith("old backups cannot be removed")]
    assert "does not answer" in told["detail"]


def test_metrics_tell_of_the_backup_that_an_earlier_run_made(folder: Path, one_engine: None, no_own_look: None) -> None:
    def last(bot: Running) -> list[str]:
        page = bot.bot.services.metrics.page().decode()
        return [line for line in page.splitlines() if line.startswith("tanya_backup_last_success_timestamp_seconds")]

    async def scene() -> None:
        async with running(FakeTelegram(), folder, backup_keep=3) as bot:
            assert last(bot) == []  # of which there is an alert
            assert await nightly(bot).look(NOW)
            assert len(last(bot)) == 1
        async with running(FakeTelegram(), folder, backup_keep=3) as bot:
            naming.free(folder / "backups", "tanya", NOW + 30 * DAY).touch()  # While the clock was wrong.
            assert await nightly(bot).look(NOW + HOUR)
            assert float(last(bot)[0].split()[1]) == NOW.timestamp()

    play(scene)


def test_the_backup_made_last_is_not_the_one_that_goes(folder: Path, one_engine: None, no_own_look: None) -> None:
    """Its name may be the oldest, after a leap of the clock; that another is made by hand does not change it."""

    async def scene() -> None:
        out = folder / "backups"
        async with running(FakeTelegram(), folder, backup_keep=1) as bot:
            jobs = nightly(bot)
            assert await jobs.look(NOW)
            naming.free(out, "tanya", NOW + HOUR / 2).touch()
            assert await jobs.look(NOW + HOUR)
            assert [at for at, _ in naming.backups(out, "tanya")] == [NOW]

    play(scene)
