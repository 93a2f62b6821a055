"""What the README and docs say is true: commands, options, settings, files, and the conversation itself."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import bot
from handlers.rendering import document, plain
from handlers.settings import Settings, in_force
from handlers.shared.commands import ALL
from knowledge import Context, Engine

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> dict[str, click.Command]:
    """Every command by the words that call it."""
    found: dict[str, click.Command] = {}
    for name, target in bot.COMMANDS.items():
        module, _, attribute = target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": child for sub, child in command.commands.items()}
        else:
            found[name] = command
    return found


@pytest.mark.parametrize("name", commands())
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"`bot.py {name}" in README


@pytest.mark.parametrize(
    "option",
    sorted({o for c in commands().values() for p in c.params if isinstance(p, click.Option) for o in p.opts}),
)
def test_every_option_is_in_the_readme(option: str) -> None:
    assert option in README


@pytest.mark.parametrize("name", [name for name, _, _ in in_force(Settings())])
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"| `{name}`" in README


@pytest.mark.parametrize(
    ("name", "default"),
    [
        (name.upper(), str(field.default))
        for name, field in Settings.model_fields.items()
        if field.default and "secret" not in name
    ],
)
def test_the_defaults_in_the_readme_are_true(name: str, default: str) -> None:
    (row,) = [row for row in README.splitlines() if row.startswith(f"| `{name}`")]
    assert row.split("|")[2].strip().strip("`") == default.removesuffix(".0")


def test_no_setting_in_the_readme_is_unknown() -> None:
    table = README.partition("## Settings")[2].partition("## The knowledge")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == {name for name, _, _ in in_force(Settings())}


@pytest.mark.parametrize("name", [name for command in ALL for name in command.names])
def test_every_command_on_telegram_is_in_the_readme(name: str) -> None:
    assert f"`/{name}`" in README


def test_every_environment_variable_is_in_the_readme() -> None:
    variables = {str(p.envvar) for c in commands().values() for p in c.params if p.envvar}
    assert {v for v in variables if f"`{v}`" not in README} == set()


@pytest.mark.parametrize("path", ["README.md", "docs/language.md", "docs/questions.md"])
def test_files_that_are_spoken_of_exist(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:docs|knowledge|tests|locales|handlers)/[\w./-]+)`", text))
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_pictures_in_the_readme_are_there_and_small() -> None:
    pictures = re.findall(r'<img src="([\w./-]+)"', README)
    assert len(pictures) == 2
    assert [name for name in pictures if (ROOT / name).stat().st_size > 80_000] == []


def test_modules_that_the_readme_names_exist() -> None:
    (line,) = re.findall(r"A message goes one way.*?\n\n", README, re.DOTALL)
    named = set(re.findall(r"`(\w+)`", line)) | {"thresholds", "store", "writer"}
    assert {n for n in named if not (ROOT / "knowledge" / f"{n}.py").exists()} == set()


def test_parts_of_the_transport_that_the_readme_names_exist() -> None:
    (text,) = re.findall(r"On Telegram an update goes.*?\n\n", README, re.DOTALL)
    named = set(re.findall(r"`([a-z/]+)`", text)) - {"handlers/transport"}
    folders = [ROOT / "handlers", ROOT / "handlers" / "transport"]
    assert {n for n in named if not any((folder / f"{n}.py").exists() for folder in folders)} == set()
    assert len(named) > 6


def test_the_conversation_in_the_readme_is_real(engine: Engine) -> None:
    (block,) = re.findall(r"## A conversation\n\n```\n(.*?)```", README, re.DOTALL)
    context: Context | None = None
    said = []
    for line in block.splitlines():
        if line.startswith("> "):
            turn = engine.answer(line.removeprefix("> "), context, now=0.0)
            context = turn.context
            said += [line, *plain(document(turn.answer, engine.snapshot)).splitlines()]
    told = [line for line in said if line not in ("You could ask:", "Anda bisa bertanya:")]
    assert block.splitlines() == told


def test_the_benchmarks_can_be_started() -> None:
    """They are not run by the tests; they shall not be found broken on the day they are needed."""
    loaded = [sys.executable, "-c", "import tests.bench, tests.bench_service"]
    done = subprocess.run(loaded, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_targets_of_the_readme_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make (\w+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
