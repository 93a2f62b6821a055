"""Conversations with the bot, each a readable file in ``tests/transcripts``: played whole and compared line by line.

After a change that is meant, ``UPDATE_TRANSCRIPTS=1 python -m pytest tests/test_transcripts.py`` writes them anew: read the
difference before keeping it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from transcript import play, run

FOLDER = Path(__file__).parent / "transcripts"


@pytest.mark.usefixtures("desk_here")
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_conversation(path: Path, tmp_path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    played = run(lambda: play(written, tmp_path))
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        path.write_text(played, encoding="utf-8")
    assert played == written


def test_every_feature_is_told_in_both_languages() -> None:
    stems = {path.stem for path in FOLDER.glob("*.txt")}
    assert {s.removesuffix("-en") for s in stems if s.endswith("-en")} == {
        s.removesuffix("-id") for s in stems if s.endswith("-id")
    }
