"""What is no sound backup is refused, whatever is in it; nothing is changed then."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from filled import FILES, PEOPLE, content, damaged, execute, one_line, restore, stands
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.backup import archive, making, manifest
from knowledge import store
from knowledge.errors import KnowledgeError


def test_a_file_that_this_user_may_not_look_at_is_not_said_to_be_missing(tmp_path: Path) -> None:
    """Such as one in another user's home. A name that is too long is refused as that is, to root too."""
    done = restore(tmp_path / ("x" * 300), tmp_path / "data", "--check")
    assert (done.exit_code, "cannot be read by this user" in done.stderr) == (2, True)
    done = restore(tmp_path / "none.zip", tmp_path / "data", "--check")
    assert (done.exit_code, "does not exist" in done.stderr) == (2, True)


def rewritten(backup: Path, target: Path, change: Callable[[dict[str, bytes]], Any]) -> Path:
    """A backup whose entries were changed, with everything else in order."""
    with zipfile.ZipFile(backup) as packed:
        entries = {name: packed.read(name) for name in packed.namelist()}
    change(entries)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, entry in entries.items():
            packed.writestr(name, entry)
    return target


def said(entries: dict[str, bytes], **values: Any) -> None:
    """The manifest says something else."""
    entries["manifest.json"] = json.dumps({**json.loads(entries["manifest.json"]), **values}).encode()


def of(entries: dict[str, bytes], name: str, **values: Any) -> None:
    """The manifest says something else of a database."""
    manifest = json.loads(entries["manifest.json"])
    manifest["files"][name].update(values)
    entries["manifest.json"] = json.dumps(manifest).encode()


def flipped(entries: dict[str, bytes]) -> None:
    """One bit of a database is another."""
    body = bytearray(entries[PEOPLE])
    body[len(body) // 2] ^= 1
    entries[PEOPLE] = bytes(body)


def swapped(entries: dict[str, bytes]) -> None:
    """Each database under the other's name."""
    manifest = json.loads(entries["manifest.json"])
    entries[PEOPLE], entries[store.FILE] = entries[store.FILE], entries[PEOPLE]
    files = manifest["files"]
    files[PEOPLE], files[store.FILE] = files[store.FILE], files[PEOPLE]
    entries["manifest.json"] = json.dumps(manifest).encode()


REFUSED: dict[str, tuple[Callable[[dict[str, bytes]], Any], str]] = {
    "a bit": (flipped, "not what its manifest says"),
    "swapped": (swapped, "no database of this bot"),
    "no manifest": (lambda e: e.pop("manifest.json"), "no backup of this bot"),
    "manifest no JSON": (lambda e: e.update({"manifest.json": b"{"}), "manifest cannot be read"),
    "manifest a list": (lambda e: e.update({"manifest.json": b"[]"}), "manifest cannot be read"),
    "manifest deep": (lambda e: e.update({"manifest.json": b"[" * 100_000}), "manifest cannot be read"),
    "manifest huge": (lambda e: e.update({"manifest.json": b" " * 1_000_001}), "more of manifest"),
    "newer format": (lambda e: said(e, format=2, files="?"), "newer version of the bot"),
    "nothing in it": (lambda e: said(e, files={}), "something else than its manifest"),
    "one missing": (lambda e: e.pop(PEOPLE), "something else than its manifest"),
    "another file": (lambda e: e.update({"more.txt": b"x"}), "something else than its manifest"),
    "a path up": (lambda e: e.update({"../evil": b"x"}), "something else than its manifest"),
    "a bomb": (lambda e: e.update({PEOPLE: bytes(60_000_000)}), "more of people.db"),
    "a size beyond all": (lambda e: of(e, PEOPLE, bytes=2**33), "manifest cannot be read"),
    "other rows": (lambda e: of(e, PEOPLE, rows={"inbox": 3}), "not what its manifest says"),
    "other numbers": (lambda e: of(e, PEOPLE, application_id=3), "not what its manifest says"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sound_backup_is_refused(backup: Path, data: Path, tmp_path: Path, name: str) -> None:
    change, message = REFUSED[name]
    before = content(data)
    done = restore(rewritten(backup, tmp_path / "changed.zip", change), data, "--yes")
    assert message in one_line(done.exception)
    assert stands(data) == before
    assert not (data / making.FOLDER).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["changed.zip", "data"]


def test_an_unchanged_copy_of_it_is_not_refused(backup: Path, data: Path, tmp_path: Path) -> None:
    """What the refusals above rest on."""
    assert restore(rewritten(backup, tmp_path / "same.zip", lambda _: None), data, "--yes").exit_code == 0


def dangling(path: Path) -> None:
    """A row refers to one that is not there."""
    execute(path, "update districts set region_code = '99.99'")


@pytest.mark.parametrize("harm", [damaged, dangling])
def test_a_damaged_database_with_the_right_sums_is_refused(
    made: Path, data: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    source = shutil.copytree(made, tmp_path / "source")
    said_of_it = manifest.described(source, datetime.now(UTC))
    harm(source / store.FILE)
    said_of_it.there[store.FILE].sha256 = hashlib.sha256((source / store.FILE).read_bytes()).hexdigest()
    archive.pack(source, said_of_it, tmp_path / "x.zip")
    assert "damaged" in one_line(restore(tmp_path / "x.zip", data, "--yes").exception)


@pytest.mark.parametrize("name", FILES)
def test_a_newer_schema_is_refused(made: Path, data: Path, tmp_path: Path, name: str) -> None:
    source = shutil.copytree(made, tmp_path / "source")
    newer = "insert into _sqlite_migrations (migration_set, name, applied_at) values ('x', 'm999_later', '')"
    execute(source / name, newer)
    newer_backup = making.make(source, tmp_path / "out", "tanya").path
    before = content(data)
    for file in (newer_backup, source / name):
        assert "newer version" in one_line(restore(file, data, "--yes").exception)
    assert stands(data) == before


@pytest.mark.parametrize(
    "body", [b"", b"text\n", b"PK\x03\x04", b"SQLite format 3\0" + bytes(84), b"SQLite format 3\0"]
)
def test_any_other_file_is_refused(data: Path, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "file").write_bytes(body)
    assert "no backup of this bot" in one_line(restore(tmp_path / "file", data, "--yes").exception)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_database_is_refused(made: Path, data: Path, tmp_path: Path, name: str) -> None:
    shutil.copy(made / name, tmp_path / "file")
    damaged(tmp_path / "file")
    before = content(data)
    assert "is damaged" in one_line(restore(tmp_path / "file", data, "--yes").exception)
    assert stands(data) == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_backup_that_rotted_is_refused_or_whole(
    backup: Path, made: Path, tmp_path: Path, data: st.DataObject
) -> None:
    body = bytearray(backup.read_bytes())
    # The ends are where a zip says what is in it.
    places = st.one_of(
        st.integers(0, 200), st.integers(1, 400).map(lambda n: len(body) - n), st.integers(0, len(body) - 1)
    )
    for at in data.draw(st.lists(places, min_size=1, max_size=3)):
        body[at] = data.draw(st.integers(0, 255))
    file = tmp_path / "rotten.zip"
    file.write_bytes(bytes(body[: data.draw(st.sampled_from([len(body), len(body), len(body) - 1, len(body) // 2]))]))
    folder = tmp_path / "into"
    folder.mkdir()
    try:
        archive.unpack(file, folder)
    except KnowledgeError as error:
        one_line(error)
    else:
        assert [(folder / name).read_bytes() for name in FILES] == [_unpacked(backup, name) for name in FILES]
    finally:
        shutil.rmtree(folder)


def _unpacked(backup: Path, name: str) -> bytes:
    with zipfile.ZipFile(backup) as packed:
        return packed.read(name)
