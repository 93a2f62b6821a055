"""What may import what: the knowledge knows no Telegram, texts or command line, and faces do not know each other."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KNOWLEDGE = sorted((ROOT / "knowledge").rglob("*.py"))
HANDLERS = sorted(path for path in (ROOT / "handlers").rglob("*.py") if path.name != "__init__.py")
FORBIDDEN = {"telegram", "handlers", "locales", "click"}
LAYERS = (
    "settings", "rendering", "people", "backup", "transport", "shared", "staff", "notices", "faces", "registry", "service", "fake_telegram", "preview",
    "terminal",
)  # fmt: skip
"""The parts of handlers/, each of which uses only itself and those before it. A face is a file of handlers/ that is none
of the others; faces do not know each other."""
MAY_IMPORT_ENGINE = {"prepared", "__init__", "evaluate", "engine"}


def imported(path: Path) -> set[str]:
    """Absolute names of all modules, and of all names from modules, that a file imports anywhere in it."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *filter(None, [node.module])))
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return names


def test_there_is_something_to_check() -> None:
    assert {"engine", "reading", "query"} <= {path.stem for path in KNOWLEDGE}


@pytest.mark.parametrize("path", KNOWLEDGE, ids=lambda path: path.stem)
def test_knowledge_stands_alone(path: Path) -> None:
    assert {name for name in imported(path) if name.split(".")[0] in FORBIDDEN} == set()


@pytest.mark.parametrize("path", [p for p in KNOWLEDGE if p.stem not in MAY_IMPORT_ENGINE], ids=lambda path: path.stem)
def test_nothing_below_imports_the_engine(path: Path) -> None:
    assert {n for n in imported(path) if n.startswith(("knowledge.engine", "knowledge.Engine"))} == set()


def layer(part: str) -> str:
    """The layer that a part of handlers/ belongs to."""
    return part if part in LAYERS else "faces"


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: str(path.relative_to(ROOT / "handlers")))
def test_handlers_use_only_what_lies_below(path: Path) -> None:
    own = path.relative_to(ROOT / "handlers").with_suffix("").parts[0]
    used = {name.split(".")[1] for name in imported(path) if name.startswith("handlers.")} - {own}
    assert {part for part in used if LAYERS.index(layer(part)) >= LAYERS.index(layer(own))} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "handlers" / "fake_telegram").glob("*.py")), ids=lambda path: path.stem)
def test_the_fake_telegram_knows_nothing_of_the_bot(path: Path) -> None:
    own = "handlers.fake_telegram"
    strange = {name for name in imported(path) if name.split(".")[0] in ("handlers", "knowledge", "locales")}
    assert {name for name in strange if name != own and not name.startswith(f"{own}.")} == set()


def run_without_telegram(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter where importing telegram fails."""
    shut = "import sys; sys.modules['telegram'] = None; sys.modules['telegram.ext'] = None\n"
    command = [sys.executable, "-c", shut + code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_engine_answers_without_telegram() -> None:
    code = "import knowledge; print(knowledge.shipped_engine().answer('Klaten?').answer.outcome)"
    assert run_without_telegram(code).stdout == "answered\n"


@pytest.mark.skipif(not (ROOT / "bot.py").exists(), reason="bot.py is not there yet")
def test_ask_answers_without_telegram(tmp_path: Path) -> None:
    code = "import runpy; sys.argv = ['bot.py', *sys.argv[1:]]; runpy.run_path('bot.py', run_name='__main__')"
    done = run_without_telegram(code, "ask", "--data-dir", str(tmp_path), "--json", "Apakah Klaten ikut?")
    assert (done.returncode, done.stderr) == (0, "")
