"""Telegram's HTML, read strictly: what a bot forgot to escape or to close is an error here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .wire import Json

TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
LINK = re.compile(r"(https?://[^\s/]+|tg://[^\s]+|mailto:[^\s]+)", re.IGNORECASE)
TOKEN = re.compile(r"</?[^<>]*>|&[^;\s<>&]{1,12};|[<>&]|[^<>&]+")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s[^<>]*)?)>")
ATTRIBUTE = re.compile(r"""\s+([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?""", re.IGNORECASE)


def utf16_length(text: str) -> int:
    """How long Telegram counts a text: its UTF-16 code units."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


DETECTED = re.compile(
    r"(?P<bot_command>(?<!\S)/[A-Za-z0-9_]{1,64}(?:@\w+)?)|(?P<url>(?:https?://|\bt\.me/)[^\s<>]+[^\s<>.,!?])"
    r"|(?P<mention>(?<![\w@])@\w{4,32})|(?P<hashtag>(?<!\w)#\w+)"
)


APART = frozenset({"text_link", "url", "code", "pre", "mention", "hashtag", "bot_command", "text_mention"})
"""Entities in which nothing further is found."""


def detected(text: str) -> list[Json]:
    """The entities that Telegram finds in a text by itself: commands, links, mentions, hashtags."""
    return [
        {"type": match.lastgroup, "offset": utf16_length(text[: match.start()]), "length": utf16_length(match[0])}
        for match in DETECTED.finditer(text)
    ]


def with_detected(text: str, entities: list[Json]) -> list[Json]:
    """The entities of a bot's text along with those that Telegram finds in it by itself, outside links and code."""
    apart = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in APART]
    free = [
        one
        for one in detected(text)
        if all(end <= one["offset"] or one["offset"] + one["length"] <= begin for begin, end in apart)
    ]
    return sorted([*entities, *free], key=lambda entity: (entity["offset"], -entity["length"]))


@dataclass
class _Open:
    """A tag that is not closed yet: its name, where its text begins (in characters, in UTF-16), its entity so far."""

    tag: str
    begin: int
    offset: int
    entity: Json | None


class _Reader:
    """Reads one HTML text into plain text and entities."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.text = ""
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        """The plain text and its entities, the outer before the inner."""
        for match in TOKEN.finditer(self.html):
            token, at = match.group(), match.start()
            if token.startswith("<"):
                self._tag(token, at)
            elif token.startswith("&"):
                self._add(self._char(token, at))
            elif token == ">":
                raise self._error("Unescaped character '>'", at)
            else:
                self._add(token)
        if self.open:
            raise ValueError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        order = sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return self.text, [entity for index, entity in enumerate(order) if entity not in order[:index]]

    def _error(self, what: str, at: int) -> ValueError:
        return ValueError(f"{what} at byte offset {len(self.html[:at].encode())}")

    def _add(self, text: str) -> None:
        self.text += text
        self.length += utf16_length(text)

    def _char(self, token: str, at: int) -> str:
        """The character of an entity like ``&lt;`` or ``&#39;``."""
        name = token[1:-1]
        if name in NAMED:
            return NAMED[name]
        number = re.fullmatch(r"#(?:(\d{1,7})|[xX]([0-9a-fA-F]{1,6}))", name)
        if number:
            code = int(number[1]) if number[1] else int(number[2], 16)
            if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                return chr(code)
        raise self._error(f"Unescaped character '&' or unknown entity \"{token}\"", at)

    def _tag(self, token: str, at: int) -> None:
        match = TAG.fullmatch(token)
        if not match:
            raise self._error("Unclosed or malformed start tag", at)
        closing, tag, attributes = match[1], match[2].lower(), match[3]
        if tag not in TYPES:
            raise self._error(f'Unsupported start tag "{tag}"', at)
        if closing:
            if attributes.strip():
                raise self._error("Malformed end tag", at)
            self._close(tag, at)
        else:
            self._start(tag, self._attributes(tag, attributes, at), at)

    def _attributes(self, tag: str, source: str, at: int) -> dict[str, str]:
        """The attributes of a tag, by name; any that the tag doesn't have is an error."""
        found: dict[str, str] = {}
        end = 0
        for match in ATTRIBUTE.finditer(source.rstrip()):
            if match.start() != end or match[1].lower() in found:
                raise self._error(f'Malformed attributes of tag "{tag}"', at)
            value = match[2] if match[2] is not None else match[3]
            found[match[1].lower()] = re.sub(r"&[^;]*;?", lambda m: self._char(m[0], at), value or "")
            end = match.end()
        allowed = {"a": {"href"}, "blockquote": {"expandable"}, "code": {"class"}}.get(tag, set())
        if end != len(source.rstrip()) or set(found) - allowed:
            raise self._error(f'Unsupported attributes of tag "{tag}"', at)
        return found

    def _start(self, tag: str, attributes: dict[str, str], at: int) -> None:
        inside = {opened.tag for opened in self.open}
        language = attributes.get("class", "").removeprefix("language-") if tag == "code" else ""
        if tag == "code" and "class" in attributes and not attributes["class"].startswith("language-"):
            raise self._error("Class of a code tag that is not a language", at)
        if tag == "code" and language and self.open and self.open[-1].tag == "pre" and self.open[-1].entity:
            self.open[-1].entity["language"] = language
            self.open.append(_Open(tag, len(self.text), self.length, None))
            return
        if inside & {"code", "pre"} or (tag in {"blockquote", "a"} and tag in inside):
            raise self._error(f'Tag "{tag}" can\'t be nested there', at)
        entity: Json = {"type": TYPES[tag]}
        if tag == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        if tag == "a":
            if not LINK.match(attributes.get("href", "")):
                raise self._error(f'Link without a valid URL ("{attributes.get("href", "")}")', at)
            entity["url"] = attributes["href"]
        self.open.append(_Open(tag, len(self.text), self.length, entity))

    def _close(self, tag: str, at: int) -> None:
        if not self.open:
            raise self._error("Unexpected end tag", at)
        opened = self.open.pop()
        if opened.tag != tag:
            raise self._error("Unmatched end tag", at)
        if opened.entity is None:
            return
        if self.text[opened.begin :].strip():
            kind, rest = opened.entity.pop("type"), opened.entity
            self.entities.append({"type": kind, "offset": opened.offset, "length": self.length - opened.offset, **rest})


def parse(html: str) -> tuple[str, list[Json]]:
    """Telegram HTML to (plain text, entities with UTF-16 offsets); ``ValueError`` where Telegram HTML is wrong."""
    return _Reader(html).read()


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """A text without the blanks around it, as Telegram stores it, and its entities moved along."""
    stripped = text.strip()
    lead = len(text) - len(text.lstrip())
    whole = utf16_length(stripped)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, whole)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return stripped, kept
