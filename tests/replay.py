"""The Dockerfile without a container engine: `make replay` follows it step by step and runs what it makes.

Each stage gets a file system of its own, of which this machine's Python and tools are the base; what the steps change stays in
memory. The last one is then made read-only, and the bot runs in it as the Dockerfile says: as its user, with one writable
volume. It has to answer, to be healthy, to stop with 0 on SIGTERM, and to leave nothing outside the volume.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from handlers.fake_telegram import FakeTelegram, serve
from tests.dockerfile import ROOT, Stage, context, stages

TOKEN = "42:TEST"
BASE_MEGABYTES = 125
"""Unpacked size of the slim base image, which is not here to be weighed."""
MOST_MEGABYTES = 250
START_SECONDS = 60.0
STOP_SECONDS = 15.0
SHOWN = ("/usr", "/etc")
LINKS = ("bin", "sbin", "lib", "lib64")


def run(*command: str | Path) -> None:
    """Run a command of this machine; what fails ends the replay."""
    subprocess.run([str(word) for word in command], check=True)


def based(folder: Path) -> Path:
    """A file system with this machine's Python and tools, changes to which stay in memory."""
    folder.mkdir()
    run("mount", "-t", "tmpfs", "-o", "mode=0755", "replay", folder)
    python = Path(sys.base_prefix)
    for number, shown in enumerate([*map(Path, SHOWN), *([python] if not python.is_relative_to("/usr") else [])]):
        upper, work = (folder / f".{number}" / name for name in ("upper", "work"))
        upper.mkdir(parents=True)
        work.mkdir()
        inside = folder / shown.relative_to("/")
        inside.mkdir(parents=True)
        run("mount", "-t", "overlay", "-o", f"lowerdir={shown},upperdir={upper},workdir={work}", "overlay", inside)
    for name in LINKS:
        if (Path("/") / name).is_symlink():
            (folder / name).symlink_to(f"usr/{name}")
    for name in ("tmp", "dev", "proc", "run/secrets"):
        (folder / name).mkdir(parents=True)
    for device in ("null", "zero", "urandom"):
        (folder / "dev" / device).touch()
        run("mount", "--bind", f"/dev/{device}", folder / "dev" / device)
    run("mount", "-t", "proc", "proc", folder / "proc")
    link = folder / "usr/local/bin/python"
    link.unlink(missing_ok=True)
    link.symlink_to(python / f"bin/python{sys.version_info.major}.{sys.version_info.minor}")
    return folder


def inside(stage: Stage, root: Path, words: list[str], user: str = "0:0") -> list[str]:
    """The command that runs some words within a file system, in the stage's folder and with its environment."""
    path = f"{sys.base_prefix}/bin:/usr/local/bin:/usr/bin:/bin"
    environment = {"PATH": path, "LANG": "C.UTF-8"}
    environment |= {name: value.replace("$PATH", path) for name, value in stage.environment().items()}
    given = [f"{name}={value}" for name, value in environment.items()]
    in_folder = ["/bin/sh", "-c", f'cd {stage.last("WORKDIR") or "/"} && exec "$@"', "sh", *words]
    return [
        "chroot",
        f"--userspec={user}",
        f"--groups={user.partition(':')[2]}",
        str(root),
        "env",
        "-i",
        *given,
        *in_folder,
    ]


def copied(arguments: str, root: Path, folder: str, made: dict[str, Path]) -> None:
    """Follow a COPY: from the project, or from a stage before."""
    *sources, target = arguments.split()
    place = root / (Path(folder) / target).relative_to("/")
    if sources[0].startswith("--from="):
        shutil.copytree(made[sources[0].removeprefix("--from=")] / sources[1].lstrip("/"), place, symlinks=True)
        return
    for file in context():
        for source in map(Path, sources):
            if file.is_relative_to(source):
                within = file.relative_to(source) if (ROOT / source).is_dir() else Path(file.name)
                (place / within).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, place / within)


def build(folder: Path) -> tuple[Stage, Path]:
    """Follow all stages; returns the last, and its file system."""
    wheels = folder / "wheels"
    # Fetched as this machine fetches packages; the steps then find the very files that the hashes allow.
    run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes",
        "-r", ROOT / "requirements.txt", "-d", wheels)  # fmt: skip
    made: dict[str, Path] = {}
    stage, root = Stage("", ""), folder
    for stage in stages():
        root = made[stage.name] = based(folder / stage.name)
        (root / "wheels").mkdir()
        run("mount", "--bind", wheels, root / "wheels")
        at = Stage(stage.base, stage.name)
        for word, rest in stage.steps:
            at.steps.append((word, rest))
            if word == "WORKDIR":
                (root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif word == "COPY":
                copied(rest, root, at.last("WORKDIR") or "/", made)
            elif word == "RUN":
                found = f"export PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels; {rest}"
                subprocess.run(inside(at, root, ["/bin/sh", "-c", found]), check=True, stdout=subprocess.DEVNULL)
        run("umount", root / "wheels")
    return stage, root


def sealed(stage: Stage, root: Path) -> Path:
    """Make a file system read-only but for the volume and /tmp; returns the volume's place."""
    volume = root / stage.last("VOLUME").lstrip("/")
    owner = volume.stat()
    secret = root / "run/secrets/telegram_token"
    secret.write_text(TOKEN, encoding="ascii")
    secret.chmod(0o400)
    os.chown(secret, owner.st_uid, owner.st_gid)
    mode = f"mode={owner.st_mode & 0o777:o},uid={owner.st_uid},gid={owner.st_gid}"
    run("mount", "-t", "tmpfs", "-o", mode, "volume", volume)
    run("mount", "-t", "tmpfs", "-o", "mode=1777", "tmp", root / "tmp")
    for place in ["usr", "etc", *([sys.base_prefix.lstrip("/")] if not sys.base_prefix.startswith("/usr") else []), ""]:
        run("mount", "-o", "remount,ro", root / place)
    return volume


def weighed(root: Path) -> float:
    """Megabytes that the last stage adds to its base."""
    total = 0.0
    for top in ("opt/venv", "app"):
        size = sum(file.lstat().st_size for file in (root / top).rglob("*") if not file.is_dir()) / 1e6
        print(f"{size:6.1f} MB in /{top}")
        total += size
    print(f"{total + BASE_MEGABYTES:6.1f} MB with a base of {BASE_MEGABYTES} MB")
    return total


async def lives(stage: Stage, root: Path, volume: Path) -> None:
    """Run the bot; it answers, is healthy, stops, and has written into its volume alone."""
    user = stage.last("USER")
    health = inside(stage, root, stage.command("HEALTHCHECK"), user)
    telegram = FakeTelegram()
    async with serve(telegram) as url:
        set_here = ["env", f"TELEGRAM_API_BASE_URL={url}"]
        words = [*set_here, *stage.command("ENTRYPOINT"), *stage.command("CMD")]
        began = time.monotonic()
        bot = await asyncio.create_subprocess_exec(*inside(stage, root, words, user))
        try:
            budi = telegram.user("Budi")
            budi.sends("Apakah Klaten peserta?")
            await telegram.until(lambda: budi.said or bot.returncode is not None, timeout=START_SECONDS)
            assert bot.returncode is None, "the bot does not start"
            print(f"{time.monotonic() - began:6.1f} s to the first answer: {budi.said[0].splitlines()[0]}")
            assert "2019" in budi.said[0]
            asked = await asyncio.create_subprocess_exec(*health)
            assert await asked.wait() == 0, "the health check fails while it runs"
            bot.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(bot.wait(), STOP_SECONDS) == 0, "SIGTERM does not end it with 0"
        finally:
            if bot.returncode is None:
                bot.kill()
                await bot.wait()
    asked = await asyncio.create_subprocess_exec(*health, stderr=subprocess.DEVNULL)
    assert await asked.wait() == 1, "the health check does not notice that it has stopped"
    assert {"knowledge.db", "people.db"} <= {file.name for file in volume.iterdir()}
    assert list((root / "tmp").iterdir()) == [], "something is left in /tmp"


def bare(stage: Stage, root: Path) -> None:
    """What the last stage must not hold is not in it, and its user cannot write where the code is."""
    for words in (["python", "-m", "pip", "--version"], ["touch", "here"], ["touch", "/opt/venv/here"], ["pytest"]):
        done = subprocess.run(inside(stage, root, words, stage.last("USER")), capture_output=True, check=False)
        assert done.returncode, f"{' '.join(words)} works in the last stage"
    assert not (root / "app/tests").exists()


def main() -> int:
    """Exit status: 0 where all holds, or where this machine lets nobody mount; an AssertionError says what does not."""
    if os.geteuid() or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        print("Skipped: following the Dockerfile needs Linux, root, and the right to mount.")
        return 0
    if "apart" not in sys.argv:  # What is mounted is seen by this process alone, and gone with it.
        apart = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "tests.replay", "apart"]
        return subprocess.run(apart, cwd=ROOT, check=False).returncode
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run("mount", "-t", "tmpfs", "-o", "mode=0755", "replay", folder)
        try:
            stage, root = build(folder)
            assert weighed(root) + BASE_MEGABYTES < MOST_MEGABYTES, "the image is too large"
            volume = sealed(stage, root)
            bare(stage, root)
            asyncio.run(lives(stage, root, volume))
        finally:
            run("umount", "--recursive", "--lazy", folder)
    print("The Dockerfile's steps make a bot that answers, is healthy, stops, and writes into its volume alone.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
