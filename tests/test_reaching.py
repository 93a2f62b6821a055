"""Something answers in Telegram's place: a wrong TELEGRAM_API_BASE_URL, or the page of a network that wants a login first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running import TOKEN, at_work, furnish, play
from structlog.testing import capture_logs

from handlers.fake_telegram import FakeTelegram, InProcessRequest
from handlers.service import reaching
from handlers.service.running import make
from handlers.settings import Settings
from handlers.transport import pacing, polling

WRONG = {
    "a page": (200, b"<html>Log in first</html>"),
    "no object": (200, b"[]"),
    "an empty object": (200, b"{}"),
    "another result": (200, b'{"ok": true, "result": "welcome"}'),
    "moved": (301, b""),
    "no such method": (405, b"{}"),
    "a bad request": (400, b'{"ok": false, "error_code": 400, "description": "Bad Request: nonsense"}'),
    "a broken gateway": (502, b"<html>502</html>"),
}


class Mistaken(InProcessRequest):
    """Another server answers the first few requests of a method."""

    def __init__(self, telegram: FakeTelegram, method: str, answer: tuple[int, bytes], times: int) -> None:
        super().__init__(telegram)
        self._method, self._answer, self.left = method, answer, times

    async def do_request(self, url: str, *given: Any, **named: Any) -> tuple[int, bytes]:
        """The other's answer, or Telegram's."""
        if self.left and url.endswith(f"/{self._method}"):
            self.left -= 1
            return self._answer
        return await super().do_request(url, *given, **named)


@pytest.mark.usefixtures("one_engine")
@pytest.mark.parametrize("method", ["getMe", "getUpdates"])
@pytest.mark.parametrize("answer", WRONG)
def test_whatever_else_answers_it_is_told_in_a_line_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, answer: str
) -> None:
    for module in (pacing, polling, reaching):
        monkeypatch.setattr(module, "pauses", lambda _: iter([0.001] * 999))
    monkeypatch.setattr(pacing, "START_UP_FOR", 0.0)
    telegram = FakeTelegram()
    budi = telegram.user("Budi")
    mistaken = Mistaken(telegram, method, WRONG[answer], times=5)
    furnish(tmp_path)

    async def scene() -> None:
        bot = make(
            Settings(telegram_token=TOKEN, data_dir=tmp_path, messages_per_second=0, backup_keep=0), mistaken, mistaken
        )
        budi.sends("Klaten ikut?")
        async with at_work(telegram, bot) as running:
            await running.settles()

    with capture_logs() as logs:
        play(scene)
    assert mistaken.left == 0
    assert len(budi.said) == 1
    told = [entry for entry in logs if entry["log_level"] == "warning" and "again" in entry["event"]]
    assert 1 <= len(told) <= 2  # one of the request, one of what was to be done by it
    assert all("TELEGRAM_API_BASE_URL" in entry["detail"] or "status" in entry["detail"] for entry in told)
    over = [entry["event"] for entry in logs if "after_seconds" in entry]
    assert len(over) == len(told)
