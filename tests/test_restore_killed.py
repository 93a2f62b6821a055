"""A restore that is killed has changed nothing, or is gone on with by whatever starts next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from filled import FILES, content, damaged

from handlers.backup import naming, starting
from knowledge import store

ROOT = Path(__file__).parent.parent


KILLS = """
import json, os, shutil, sys
from pathlib import Path
from handlers.backup import restoring, starting

source, backup, work = (Path(argument) for argument in sys.argv[1:])
EVENTS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree")
left = None

def watch(event, arguments):
    global left
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+")
    if left is not None and (event in EVENTS or writes):
        left -= 1
        if left < 0:
            os._exit(9)

sys.addaudithook(watch)
point = 0
while True:
    folder = work / str(point)
    shutil.copytree(source, folder)
    child = os.fork()
    if not child:
        left = point
        with restoring.prepared_for(folder, backup) as ready:
            ready.take_place(work / f"backups{point}")
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0:
        break
    assert status == 9, status
    point += 1
print(point)
"""


@pytest.mark.parametrize("sound", [True, False])
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(
    made: Path, backup: Path, data: Path, tmp_path: Path, sound: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not sound:
        damaged(data / store.FILE)
    old = {name: (data / name).read_bytes() for name in FILES}
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", KILLS, str(data), str(backup), str(work)], cwd=ROOT, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    new = content(made)
    # The small databases are of no edition: that is not what this is about.
    monkeypatch.setattr(starting, "outdated", lambda _: False)
    outcomes = []
    for point in range(int(done.stdout)):
        folder = work / str(point)
        with starting.using(folder, Path, print, "as the bot"):
            pass
        came = all((folder / name).exists() and (folder / name).read_bytes() == old[name] for name in FILES)
        assert not (folder / naming.STAGE).exists()
        if not came:
            assert content(folder) == new
            if not sound:
                (aside,) = folder.glob("damaged-*")
                assert {name: (aside / name).read_bytes() for name in FILES} == old
        outcomes.append("old" if came else "new")
    assert {"old", "new"} == set(outcomes)
    assert outcomes == sorted(outcomes, reverse=True)
