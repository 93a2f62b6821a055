"""What the tables, columns and codes of the knowledge are called."""

from __future__ import annotations

from typing import Protocol


class Translates(Protocol):
    """What says a message in a language: a ``Speech``."""

    def _(self, message: str, **values: object) -> str: ...


def table_name(table: str, s: Translates) -> str:
    """What an entry of a table is called."""
    return {
        "sources": s._("Source"), "regions": s._("Region"), "districts": s._("District"), "aliases": s._("Other name"),
        "cohorts": s._("Cohort"), "claims": s._("Statement"), "phrasings": s._("Phrasing"),
    }.get(table, table)  # fmt: skip


def column_name(column: str, s: Translates) -> str:
    """What a column is called; a name that is not known stands as it is."""
    return {
        "id": s._("id"), "publisher": s._("publisher"), "title": s._("title"), "date": s._("date"),
        "date_note": s._("remark on the date"), "url": s._("address"), "code": s._("code"), "name": s._("name"),
        "name_en": s._("English name"), "type": s._("type"), "province_code": s._("province"), "region_code": s._("region"),
        "alias": s._("other name"), "kind": s._("kind"), "shared": s._("shared with others"), "year": s._("year"),
        "phase": s._("phase"), "part_of": s._("part of"), "list_complete": s._("list complete"), "subject": s._("about"),
        "attribute": s._("subject matter"), "period": s._("period"), "value": s._("value"),
        "text_id": s._("text in Indonesian"), "text_en": s._("text in English"), "status": s._("status"),
        "sources": s._("sources"), "conflicts_with": s._("disagrees with"), "review_by": s._("review by"),
        "language": s._("language"), "question": s._("question"), "claim": s._("answered by"),
    }.get(column, column)  # fmt: skip


def choice_name(value: str, s: Translates) -> str:
    """What a code of a column with choices means; a code that is not known stands as it is."""
    return {
        "": s._("none"), "yes": s._("yes"), "no": s._("no"), "provinsi": s._("province"),
        "kabupaten": s._("regency"), "kota": s._("city"), "nickname": s._("nickname"),
        "abbreviation": s._("abbreviation"), "spelling": s._("other spelling"), "former_name": s._("former name"),
        "capital": s._("its capital"), "english": s._("English name"), "area": s._("area of several regions"),
        "movement": s._("the movement of 2017-2019"), "continuation": s._("its continuation"),
        "stated": s._("stated"), "compiled": s._("compiled from several sources"), "lead": s._("figure named most often"),
        "differs": s._("figure that differs"), "confirmed": s._("confirmed by several sources"),
        "confirmed_weak": s._("confirmed by a weak second source"), "listed_only": s._("only in the list"),
        "added_later": s._("added later"), "withdrawn": s._("withdrawn"), "disputed": s._("disputed"),
        "all": s._("no certain year"), "later": s._("after 2019"), "programme": s._("the programme"),
        "participation": s._("took part in 2017-2019"), "later_participation": s._("took part after 2019"),
        "size": s._("number of regions"), "distinct": s._("number of different regions"), "mou_date": s._("date of the MoU"),
        "mou_place": s._("place of the MoU"), "statement": s._("what was said"), "signing": s._("signing of the MoU"), "award": s._("award"),
        "masterplan": s._("masterplan"), "quick_win": s._("quick wins"), "evaluation": s._("evaluation"),
        "definition": s._("what it is"), "goal": s._("goal"), "process": s._("course"), "selection": s._("selection"),
        "partners": s._("partners"), "people": s._("people"), "counts": s._("numbers"), "status": s._("state of things"),
        "vision": s._("vision"), "programmes": s._("programmes"), "head_at_signing": s._("head at the signing"),
        "assessed": s._("number assessed"), "id": s._("Indonesian"), "en": s._("English"),
    }.get(value, value.replace("_", " "))  # fmt: skip
