"""Starting fast: what is derived from the data files and the knowledge is kept in DATA_DIR until one of them changes.

The file holds nothing of its own. Missing, stale, damaged or unwritable, it is made again or done without.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
from pathlib import Path
from typing import Any

from . import lexicon, store
from .engine import Engine
from .gazetteer import Gazetteer
from .lexicon import DATA, LANGUAGES, Groups
from .snapshot import Snapshot

FILE = "prepared.json"
FORMAT = 3
"""Raised whenever the content of the file changes its form."""


def engine(data_dir: Path, data: Path = DATA, before: Engine | None = None) -> Engine:
    """An engine on the database in ``data_dir``, which is made or brought up to date first where needed; not where there is an
    engine already, whose bot is running.

    Args:
        data_dir: the folder.
        data: the data files of the code.
        before: an engine on what the database held before a change; what stays the same is taken from it.

    Raises:
        DatabaseError: the database cannot be read or made.
    """
    collecting = gc.isenabled()
    gc.disable()  # Half a million small objects that all stay: looking for garbage among them costs a sixth of the start.
    try:
        return _engine(data_dir, data, before)
    finally:
        if collecting:
            gc.enable()


def _engine(data_dir: Path, data: Path, before: Engine | None) -> Engine:
    path = data_dir / FILE
    kept = _read(path)
    state, files = store.state(data_dir), _files(data)
    if kept.get("files") != files or not kept.keys() >= {"state", "words", "rules", "names", "units"}:
        kept = {}
    if kept and state and kept["state"] == state:
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            if before:
                return before.changed(store.read(data_dir))
            known = lexicon.assemble(kept["words"], kept["rules"])
            snapshot = store.read(data_dir)
            return Engine(snapshot, known, Gazetteer(snapshot, known.rules, kept["names"]), kept["units"])
    snapshot = store.read(data_dir) if before else store.load(data_dir)
    made = before.changed(snapshot) if kept and before else _made(snapshot, data, kept)
    _write(
        path,
        {
            "files": files, "state": store.state(data_dir), "words": _words(made.lexicon), "rules": made.lexicon.rules,
            "names": made.gazetteer.lines(), "units": made.facts.read,
        },
    )  # fmt: skip
    return made


def _made(snapshot: Snapshot, data: Path, kept: dict[str, Any]) -> Engine:
    known = lexicon.load(data)
    gazetteer = Gazetteer(snapshot, known.rules)
    # Where no place has another name, most texts mean what they meant before the change.
    same = kept and kept["names"] == gazetteer.lines() and isinstance(kept["units"], dict)
    return Engine(snapshot, known, gazetteer, kept["units"] if same else None)


def _words(known: lexicon.Lexicon) -> Groups:
    return lexicon.grouped({phrase: (word.concept, word.languages) for phrase, word in known.phrases.items()})


def _files(data: Path) -> str:
    """Changes whenever a data file or the form of the file does. Where it has not, nor the state of the database, that holds
    the shipped edition and need not be compared with it."""
    files = sorted(
        p
        for folder in (data, *(data / lang for lang in LANGUAGES))
        for p in folder.iterdir()
        if p.suffix in (".csv", ".toml", ".txt")
    )
    marks = [f"{p.relative_to(data)} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in files]
    return "\n".join((str(FORMAT), str(data), *marks))


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, content: dict[str, Any]) -> None:
    """Written beside and renamed, so that a reader never sees half a file."""
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        beside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
