"""What somebody who answers for a region may propose to change of it, and the row of the knowledge that comes of a proposal.

A statement about the region is proposed as it shall read. What is computed with (who took part and when, the numbers, days and
places of a cohort) is not: there somebody says what is wrong in their own words, and an admin makes of it what the source says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from .answer import Line
from .changes import Tables
from .editing import blank, row_of
from .facts import STRUCTURED
from .fields import Row
from .model import Claim, Language
from .snapshot import Snapshot
from .status import LINES

Kind = Literal["edit", "add", "remark"]
"""Another wording (or a further source) of a statement; a new statement; something said to the admins."""
OWN_WORDS: Final = {"mou_date": "signing", "mou_place": "signing"}
"""Lines of a cohort on which a region may have its own statement, and what that is made as: what the cohort's claim says holds
for all its regions, so it is not changed for one of them, but one of them may have signed elsewhere or later."""
OTHER: Final[dict[Language, Language]] = {"id": "en", "en": "id"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody proposes."""

    kind: Kind
    region: str
    """Code of the region."""
    line: str
    """Id of the line of the region's card."""
    language: Language
    """What it is written in."""
    claim: str = ""
    """Id of the claim that it is about; empty for what is missing, or for the line as a whole."""
    text: str = ""
    """How it shall read, or what is remarked; empty where only a further source is given."""
    other: str = ""
    """The same in the other language; empty where the admins are left to write it."""
    period: str = ""
    """The year that a new statement speaks of, ``all`` or ``later``; empty where that is not said (yet)."""

    @property
    def column(self) -> str:
        """The column of a claim that the text is for."""
        return f"text_{self.language}"

    @property
    def other_column(self) -> str:
        """The column for the other language."""
        return f"text_{OTHER[self.language]}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The row of a claim that comes of a proposal."""

    before: Row | None
    """As it stands; None for a new one."""
    after: dict[str, str]
    asks: tuple[str, ...]
    """Columns that the proposal leaves open."""


def line_named(id: str) -> Line:
    """A line of the card.

    Raises:
        KeyError: there is none of that name.
    """
    return {line.id: line for line in LINES}[id]


def on_claim(claim: Claim) -> Kind:
    """What may be proposed of a claim on a region's card."""
    return "edit" if claim.subject.startswith("region:") and claim.attribute not in STRUCTURED else "remark"


def on_line(line: Line) -> tuple[Kind, ...]:
    """What may be proposed where a line lacks something."""
    if line.of == "cohort":
        return ("add", "remark") if line.id in OWN_WORDS else ("remark",)
    return ("remark",) if line.attribute in STRUCTURED else ("add",)


def stands_already(snapshot: Snapshot, proposal: Proposal) -> Claim | None:
    """The claim that says a text already: the one that is to be changed, letter by letter; for a new statement any of the
    region's, capitals and spaces aside."""
    if proposal.kind == "edit":
        claim = snapshot.claims.get(proposal.claim)
        return claim if claim and claim.text(proposal.language) == proposal.text else None
    about = snapshot.about(f"region:{proposal.region}")
    return next(
        (c for c in about if proposal.text and _plain(c.text(proposal.language)) == _plain(proposal.text)), None
    )


def wanted(tables: Tables, proposal: Proposal) -> Wanted:
    """The row for a proposal on the knowledge as it stands. A statement that was retired meanwhile comes back as a new one;
    a remark leaves all of it open."""
    before = row_of(tables, "claims", proposal.claim) if proposal.kind == "edit" else None
    told = {
        column: text
        for column, text in ((proposal.column, proposal.text), (proposal.other_column, proposal.other))
        if text
    }
    if before is not None:
        missing = () if proposal.other or not proposal.text else (proposal.other_column,)
        return Wanted(before, {**before, **told}, missing)
    line = line_named(proposal.line)
    attribute = OWN_WORDS.get(line.id, line.attribute)
    subject = f"region:{proposal.region}"
    after = blank(
        "claims", subject=subject, attribute=attribute, period=proposal.period or "all", status="stated", **told
    )
    return Wanted(None, after, tuple(c for c in ("text_id", "text_en") if not after[c]))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
