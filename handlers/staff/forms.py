"""The form behind a change of one entry: which columns are still to be asked, what is known by itself, which rows come of it.

A form is what the draft of an edit holds; nothing of it is decided before the last button.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, Literal, TypedDict, cast

from handlers.rendering import Speech
from handlers.staff.sources import chosen, row_changes, source_id
from knowledge import editing
from knowledge.changes import RowChange, Tables, replaced
from knowledge.edition import key_of
from knowledge.facts import STRUCTURED
from knowledge.fields import FIELDS, Row, field

Mode = Literal["same", "replace", "add"]
MODES: Final[tuple[Mode, ...]] = ("replace", "add")
SUBJECTS: Final = {"regions": "region", "cohorts": "cohort"}
ATTRIBUTES: Final = {
    "region": ("participation", "later_participation", "statement", "signing", "award", "masterplan", "quick_win", "evaluation"),
    "cohort": ("size", "mou_date", "mou_place", "assessed"),
    "programme": ("definition", "goal", "process", "selection", "partners", "people", "evaluation", "counts", "continuation"),
}  # fmt: skip
"""What is offered to say something about; those used most in the shipped edition. Others can be typed."""
YEARS: Final = tuple(map(str, range(2017, 2026)))


class Form(TypedDict, total=False):
    """The data of an edit's draft."""

    op: Literal["edit", "add", "retire"]
    table: str
    before: Row | None
    after: dict[str, str]
    asks: list[str]
    """Columns still to be asked, in order."""
    source: dict[str, Any]
    mode: Mode
    resource: bool
    """Whether other sources are wanted."""
    why: str
    asking: str
    """``why`` while the reason is asked for."""
    report: int
    """The report that the change settles; 0 for none."""
    correction: int
    """The proposal that it settles; none where it is left out."""
    token: str
    """What makes the change happen once; left out, that of the draft does."""
    broken: int
    """How many questions would break, as the last preview found."""
    name: str
    """The entry in a few words, for the list of what is half-finished."""


def new(table: str, parent_table: str = "", parent: Row | None = None) -> Form:
    """The form of a new entry, perhaps one that belongs to another (a claim about a region)."""
    after = editing.blank(table)
    asks = [f.name for f in FIELDS[table] if f.name not in ("shared", "date_note", "id")]
    if table == "claims":
        asks = ["subject", "attribute"]
    if table == "sources":
        asks = ["url", "publisher", "title", "date"]
    if table == "claims" and parent is not None and parent_table == "claims":
        after.update({c: parent[c] for c in ("subject", "attribute", "period", "status")}, conflicts_with=parent["id"])
        asks = ["value"] if parent["attribute"] in STRUCTURED else ["text_id", "text_en"]
    elif table == "claims" and parent is not None:
        after["subject"] = f"{SUBJECTS[parent_table]}:{key_of(parent_table, parent)}"
    elif table == "aliases" and parent is not None:
        after["region_code"] = parent["code"]
    return {
        "op": "add",
        "table": table,
        "before": None,
        "after": after,
        "asks": [name for name in asks if not after[name]],
    }


def answered(form: Form, column: str, value: str) -> None:
    """Put a value into the form, and what follows from it."""
    form["after"][column] = value
    form["asks"] = [name for name in form["asks"] if name != column]
    after = form["after"]
    if form["table"] != "claims" or form["op"] != "add":
        return
    if column == "attribute":
        after["status"] = (
            "" if value == "participation" else "listed_only" if value == "later_participation" else "stated"
        )
        if value in ("participation", "later_participation"):
            form["asks"] = ["period", *(["status"] if value == "participation" else [])]
        elif value in STRUCTURED:
            year = after["subject"].removeprefix("cohort:")
            after["period"] = year if after["subject"].startswith("cohort:") else "all"
            form["asks"] = ["value"]
        else:
            form["asks"] = ["text_id", "text_en", "period"]
    if column == "period" and after["attribute"] in ("participation", "later_participation"):
        after["value"] = value


def choices_of(form: Form, column: str) -> tuple[str, ...]:
    """What is offered for a column; none where it is typed."""
    after = form["after"]
    if form["table"] == "claims" and column == "subject":
        return ("programme", *(f"cohort:{year}" for year in YEARS))
    if form["table"] == "claims" and column == "attribute":
        return ATTRIBUTES.get(after["subject"].partition(":")[0], ())
    if form["table"] == "claims" and column == "period":
        bare = () if after["attribute"] in ("participation", "later_participation") else ("all", "later")
        return (*bare, *YEARS)
    if form["table"] == "claims" and column == "status":
        member = ("confirmed", "confirmed_weak", "listed_only", "added_later", "withdrawn", "disputed")
        figure = ("lead", "differs", "stated", "compiled")
        return member if after["attribute"] in ("participation", "later_participation") else figure
    return field(form["table"], column).choices


def rows(form: Form, tables: Tables, ever: Collection[str] = ()) -> tuple[RowChange, ...]:
    """The rows that a finished form changes. ``ever``: ids of claims that a new one must not take.

    Raises:
        ConflictError: another entry has the key of the new one.
        InvalidDataError: others rest on what shall be retired.
    """
    table, before, after = form["table"], form["before"], dict(form["after"])
    along = row_changes(form_data(form))
    tables = replaced(tables, along)
    if form["op"] == "retire":
        assert before is not None
        return (*along, *editing.retired(tables, table, before))
    if table == "claims" and chosen(form_data(form)) and source_id(form_data(form)):
        named = before["sources"].split(";") if before and form.get("mode") == "add" else []
        after["sources"] = ";".join(dict.fromkeys((*filter(None, named), source_id(form_data(form)))))
    if form["op"] == "add":
        if table == "claims":
            after["id"] = after["id"] or editing.claim_id(tables, ever)
        if table == "sources":
            after["id"] = editing.source_id(tables, after["publisher"], after["url"], after["date"])
        made = editing.added(tables, table, after)
        other = next((c for c in tables["claims"] if table == "claims" and c["id"] == after["conflicts_with"]), None)
        if other is not None and not any(row.key == other["id"] for row in made):
            named = [id for id in other["conflicts_with"].split(";") if id]
            made = (*made, RowChange("claims", other, {**other, "conflicts_with": ";".join([*named, after["id"]])}))
        return (*along, *made)
    assert before is not None
    return (*along, *editing.edited(tables, table, before, after))


def needs_mode(form: Form) -> bool:
    """Whether it is open if a new source stands beside the present ones or in their place."""
    before = form["before"]
    had = form["op"] == "edit" and form["table"] == "claims" and before is not None and bool(before["sources"])
    return had and bool(source_id(form_data(form))) and "mode" not in form


def asks_for_source(form: Form) -> bool:
    """Whether the form asks for a source: all do but a new source, which is one."""
    return form["table"] != "sources"


def may_lack_source(form: Form) -> bool:
    """Whether a reason will do: for a name, a region, an entry that goes, or a day of review, often nothing is published."""
    before, after = form["before"], form["after"]
    changed = {column for column in after if before is not None and after[column] != before[column]}
    return form["table"] != "claims" or form["op"] == "retire" or changed == {"review_by"}


def complete(form: Form) -> bool:
    """Whether everything was asked."""
    if form["asks"]:
        return False
    return not asks_for_source(form) or (chosen(form_data(form)) and not needs_mode(form))


def form_data(form: Form) -> dict[str, Any]:
    """A form as the plain data that a draft holds."""
    return cast(dict[str, Any], form)


def said_reason(form: Form, s: Speech) -> str:
    """Why, for the log: what was said, else the report or the proposal that led to it."""
    if form.get("why"):
        return form["why"]
    if form.get("correction"):
        return s._("proposal no. {number}", number=form["correction"])
    return s._("report no. {number}", number=form["report"]) if form.get("report") else ""
