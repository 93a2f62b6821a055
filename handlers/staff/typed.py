"""What an admin types for a column, understood as people say it: names for codes, labels for choices, sources by their name."""

from __future__ import annotations

from handlers.rendering import speech
from handlers.rendering.columns import choice_name
from handlers.shared.context import BotContext
from handlers.staff.forms import Form, choices_of
from knowledge import store
from knowledge.edition import key_of
from knowledge.errors import InvalidDataError, saying
from knowledge.facts import STRUCTURED
from knowledge.fields import clean, field
from knowledge.model import Language, Region
from knowledge.normalize import compact

LANGUAGES: tuple[Language, ...] = ("id", "en")


def understood(context: BotContext, form: Form, column: str, text: str) -> str:
    """The value that a text means.

    Raises:
        InvalidDataError: it means none; says what may stand there.
    """
    table, typed = form["table"], text.strip()
    rule = field(table, column)
    if column == "subject" or rule.refers == "regions":
        return _region(context, column, typed)
    known = _of_label(form, column, typed)
    if known is not None:
        return known
    if column == "value":
        return _value(form, clean(table, column, typed))
    if column == "attribute":
        return _attribute(context, column, typed)
    if rule.kind == "line" and column in ("publisher", "title", "name", "name_en", "alias") and "://" in typed:
        raise InvalidDataError(saying("That is an address. {column} is wanted.", column=column))
    value = clean(table, column, typed)
    if column == "period" and value not in ("all", "later") and not (value.isdecimal() and len(value) == 4):
        raise InvalidDataError(saying("{column}: {value} is no year like 2019.", column=column, value=repr(value)))
    if rule.refers:
        there = {key_of(rule.refers, row) for row in store.all_tables(context.services.knowledge_dir)[rule.refers]}
        strange = [id for id in value.split(";") if id and id not in there]
        if strange:
            raise InvalidDataError(
                saying("{column}: there is no entry {value}.", column=column, value=", ".join(strange))
            )
    return value


def _value(form: Form, value: str) -> str:
    """A date of a signing, or a number, where the claim is one of those."""
    attribute = form["after"].get("attribute", "")
    if attribute == "mou_date":
        return clean("sources", "date", value)
    if attribute in STRUCTURED - {"mou_place"} and not value.isdecimal():
        raise InvalidDataError(saying("{column}: {value} is no number.", column="value", value=repr(value)))
    return value


def _of_label(form: Form, column: str, typed: str) -> str | None:
    """The code whose name in either language was typed."""
    table = form["table"]
    codes = dict.fromkeys((*choices_of(form, column), *field(table, column).choices))
    for code in codes:
        names = {code, *(choice_name(code, speech(language)) for language in LANGUAGES)}
        if typed.casefold() in {name.casefold() for name in names}:
            return code
    return None


def _attribute(context: BotContext, column: str, typed: str) -> str:
    """A subject matter that is known, by its code or its name: another one would be told nowhere."""
    known = {claim.attribute for claim in context.engine.snapshot.claims.values()}
    for code in sorted(known):
        names = {code, code.replace("_", " "), *(choice_name(code, speech(lang)) for lang in LANGUAGES)}
        if typed.casefold() in {name.casefold() for name in names}:
            return code
    raise InvalidDataError(
        saying("{column}: {value} is not known. Choose one of those below.", column=column, value=repr(typed[:60]))
    )


def _region(context: BotContext, column: str, typed: str) -> str:
    """A region by its code or name; as what a statement is about with its kind before it."""
    prefix = "region:" if column == "subject" else ""
    regions = context.engine.snapshot.regions
    if typed in regions:
        return prefix + typed
    found = context.engine.search.regions(typed)[:5]
    names = {region.code: {compact(n) for n in (region.name, region.name_en, region.short)} for region in found}
    exact = [region for region in found if compact(typed) in names[region.code]]
    meant: list[Region] = exact if len(exact) == 1 else found if len(found) == 1 else []
    if meant:
        return prefix + meant[0].code
    if not found:
        raise InvalidDataError(saying("{column}: no region is called {value}.", column=column, value=repr(typed[:60])))
    listed = "; ".join(f"{region.name} ({region.code})" for region in found)
    raise InvalidDataError(
        saying("{column}: which one? {regions}. Send its full name or its code.", column=column, regions=listed)
    )
