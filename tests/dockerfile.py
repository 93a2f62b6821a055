"""The Dockerfile, read: its stages with their instructions, and which files of the project it may copy."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass
class Stage:
    """One stage: its base, its name, and its instructions as ``(word, rest)``, in order."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def last(self, word: str) -> str:
        """The rest of the last instruction of a kind; empty where there is none."""
        return next((rest for found, rest in reversed(self.steps) if found == word), "")

    def command(self, word: str) -> list[str]:
        """An instruction in the exec form, as a list of words."""
        found: list[str] = json.loads(self.last(word).partition("CMD")[2] if word == "HEALTHCHECK" else self.last(word))
        return found

    def environment(self) -> dict[str, str]:
        """What ENV sets, later lines seeing earlier ones."""
        made: dict[str, str] = {}
        for word, rest in self.steps:
            if word == "ENV":
                made |= dict(pair.partition("=")[::2] for pair in rest.split())
        return made


def stages(path: Path = ROOT / "Dockerfile") -> list[Stage]:
    """The stages of a Dockerfile, in order."""
    text = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: list[Stage] = []
    for line in filter(None, map(str.strip, re.sub(r"\\\n", " ", text).splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name or str(len(found))))
        else:
            found[-1].steps.append((word, " ".join(rest.split())))
    return found


def context() -> list[Path]:
    """The files of the project that .dockerignore lets through, relative to it."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    tops = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    nowhere = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
    assert rules[0] == "*"
    assert len(rules) == 1 + len(tops) + len(nowhere), "a rule of another kind than these three"
    files = [
        path.relative_to(ROOT) for top in tops for path in [ROOT / top, *(ROOT / top).rglob("*")] if path.is_file()
    ]
    return [file for file in files if not any(fnmatch(part, rule) for part in file.parts for rule in nowhere)]
