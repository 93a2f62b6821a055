"""After a change the bot answers from a new engine that takes over what stays the same: it answers as one made from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import engine_of, furnish

import knowledge
from knowledge import Engine, prepared, store
from knowledge.changes import Change, RowChange
from knowledge.editing import blank
from knowledge.reading import Reader, Reading
from knowledge.writer import Writer

CHANGES = {
    "a text": ("claims", "F172", {"text_id": "Artinya zebra.", "text_en": "It means zebra."}, "What is a zebra quick win?"),
    "a phrasing": ("phrasings", "", {"language": "en", "question": "zorgon blimpat?", "claim": "F001"}, "blimpat zorgon?"),
    "a name": ("aliases", "", {"region_code": "33.10", "alias": "Zorgon", "kind": "nickname"}, "did Zorgon join?"),
}  # fmt: skip
"""By what changes: the table, the row, what it then says, and a question that only the changed knowledge answers."""
QUESTIONS = (
    "Apakah Klaten ikut?",
    "klatne?",
    "Who signed for Sragen?",
    "How many joined in 2017?",
    "Apa itu quick win?",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The knowledge as it is shipped."""
    furnish(tmp_path)
    return tmp_path


def change(folder: Path, table: str, key: str, says: dict[str, str]) -> None:
    """Change a row, or add one."""
    before = next((row for row in store.all_tables(folder)[table] if row.get("id") == key), None) if key else None
    row = RowChange(table, before, {**(before or blank(table)), **says})
    with Writer(folder) as writer:
        writer.commit(Change("admin 1", "edit", "test", "test", (row,)))


@pytest.mark.parametrize(
    ("what", "followed"),
    [("a text", False), ("a phrasing", False), ("a name", False), ("a name", True)],
    ids=["a text", "a phrasing", "a name", "a name by another process"],
)
def test_it_answers_as_one_made_from_nothing(folder: Path, tmp_path: Path, what: str, followed: bool) -> None:
    *row, question = CHANGES[what]
    before = engine_of(folder)
    change(folder, *row)
    if followed:
        prepared.engine(folder)
    after = knowledge.changed_engine(before, folder)
    fresh = Engine(store.read(folder), before.lexicon)
    for text in (question, *QUESTIONS):
        assert after.answer(text, now=0.0).answer == fresh.answer(text, now=0.0).answer
    assert before.answer(question).answer.outcome != "answered" or what == "a text"
    assert after.answer(question).answer.outcome == "answered"
    assert prepared.engine(folder).answer(question, now=0.0).answer == after.answer(question, now=0.0).answer


def test_texts_that_stay_are_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = engine_of(folder)
    before.warm()
    read: list[str] = []
    reads = Reader.read

    def counted(self: Reader, text: str, **how: bool) -> Reading:
        read.append(text)
        return reads(self, text, **how)

    monkeypatch.setattr(Reader, "read", counted)
    change(folder, *CHANGES["a text"][:3])
    after = knowledge.changed_engine(before, folder)
    after.warm()
    texts = {claim.text_id for claim in after.snapshot.claims.values() if claim.text_id}
    assert {text for text in read if text in texts} == {"Artinya zebra."}
    assert not {phrasing.question for phrasing in after.snapshot.phrasings if phrasing.claim != "F172"} & set(read)
    assert after.gazetteer is before.gazetteer
