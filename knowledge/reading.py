"""What each word of a message is: a concept, a place, a year, a number, a function word, or nothing we know.

The message is read once against the words of all languages together, so a sentence may change language at any word.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .gazetteer import Gazetteer, Name
from .lexicon import ORDINARY, OUTSIDE, STOP, Lexicon
from .normalize import Token, fold, tokenize
from .thresholds import MAX_CORRECTIONS, MAX_NAME_TOKENS, MAX_TOKENS

YEARS = range(2015, 2030)
"""Numbers read as years."""


@dataclass(slots=True)
class Item:
    """A stretch of the message and what it was taken for."""

    kind: str
    """``concept``, ``outside``, ``name``, ``year``, ``number``, ``stop``, ``ordinary`` or ``unknown``."""
    start: int
    """Number of its first token."""
    end: int
    """Number of the token behind its last."""
    said: str
    """The folded words."""
    value: str = ""
    """The concept, year or number."""
    names: tuple[Name, ...] = ()
    edits: int = 0
    clause: int = 0
    comma: bool = False
    """Whether a comma or bracket stands before it."""
    clitic: bool = False
    """Whether an Indonesian clitic ("-nya") was taken off."""


@dataclass
class Reading:
    """A message, word by word."""

    text: str
    folded: str
    tokens: list[Token]
    items: list[Item] = field(default_factory=list)
    votes: dict[str, float] = field(default_factory=dict)
    """Language -> how much of the message is in that language only."""

    def concepts(self) -> list[str]:
        """The concepts in order, with repetitions."""
        return [item.value for item in self.items if item.kind == "concept"]

    def has(self, *concepts: str) -> bool:
        """Whether any of these concepts is in the message."""
        return any(item.kind == "concept" and item.value in concepts for item in self.items)

    def of_kind(self, *kinds: str) -> list[Item]:
        """The items of these kinds."""
        return [item for item in self.items if item.kind in kinds]


class Reader:
    """Reads messages with one lexicon and one gazetteer."""

    def __init__(self, lexicon: Lexicon, gazetteer: Gazetteer) -> None:
        self.lexicon = lexicon
        self.gazetteer = gazetteer

    def read(self, text: str, *, correct: bool = True) -> Reading:
        """Any string, however odd, becomes a reading; ``correct`` forgives typing errors."""
        folded = fold(text)
        tokens = tokenize(folded, MAX_TOKENS)
        words = [self.lexicon.base(token.text) for token in tokens]
        if correct:
            tokens, words = self._split_joined(tokens, words)
        reading = Reading(text, folded, tokens)
        at, budget = 0, MAX_CORRECTIONS if correct else 0
        while at < len(tokens):
            item = self._known(tokens, words, at)
            if item and item.kind == "name" and budget > 0:
                item = self._longer(tokens, words, item)
            elif item and item.kind == ORDINARY and item.end == at + 1:
                item = self._typed_name(tokens, words, at) or item
            if item is None and budget > 0:
                budget -= 1
                item = self._corrected(tokens, words, at)
            if item is None:
                item = Item("unknown", at, at + 1, tokens[at].text)
            item.clause, item.comma = tokens[at].clause, tokens[at].comma
            reading.items.append(item)
            at = item.end
        self._vote(reading, words)
        return reading

    # ------------------------------------------------------------------------------------------- what is known exactly

    def _known(self, tokens: list[Token], words: list[str | None], at: int) -> Item | None:
        token = tokens[at]
        if token.text.isdigit():
            phrase = self._phrase(tokens, words, at)
            if phrase and phrase.end > at + 1:
                return phrase
            name = self._name(tokens, words, at)
            if name and name.end > at + 1:
                return name
            kind = "year" if len(token.text) == 4 and int(token.text) in YEARS else "number"
            return Item(kind, at, at + 1, token.text, token.text)
        phrase = self._phrase(tokens, words, at)
        name = self._name(tokens, words, at)
        if name and (phrase is None or self._prefers_name(name, phrase, tokens, words)):
            return name
        return phrase

    def _phrase(self, tokens: list[Token], words: list[str | None], at: int) -> Item | None:
        """The longest phrase of the lexicon beginning here."""
        first = words[at] or tokens[at].text
        for length in range(min(self.lexicon.longest.get(first, 1), len(tokens) - at), 0, -1):
            span = [words[i] or tokens[i].text for i in range(at, at + length)]
            if length > 1 and any(tokens[i].clause != tokens[at].clause for i in range(at, at + length)):
                continue
            word = self.lexicon.word(" ".join(span))
            if word:
                said = " ".join(t.text for t in tokens[at : at + length])
                kind = word.concept if word.concept in (STOP, ORDINARY) else "concept"
                if word.concept.startswith(OUTSIDE):
                    kind = "outside"
                return Item(kind, at, at + length, said, word.concept, clitic=tokens[at + length - 1].text != span[-1])
        if words[at] is not None:
            return Item(ORDINARY, at, at + 1, tokens[at].text)
        return None

    def _name(self, tokens: list[Token], words: list[str | None], at: int) -> Item | None:
        """The longest name beginning here."""
        for length in range(min(MAX_NAME_TOKENS, len(tokens) - at), 0, -1):
            span = tokens[at : at + length]
            if span[-1].clause != span[0].clause or any(t.comma for t in span[1:]):
                continue
            key = "".join(t.text for t in span)
            for clitic in ("", *self._clitics(span[-1].text)):
                names = self.gazetteer.lookup(key.removesuffix(clitic) if clitic else key)
                if names and (length == 1 or self._spaces_fit(names, span, clitic)):
                    said = " ".join(t.text for t in span)
                    return Item("name", at, at + length, said, names=tuple(names), clitic=bool(clitic))
        return None

    def _clitics(self, word: str) -> list[str]:
        return [c for c in self.lexicon.affixes[0].clitics if word.endswith(c) and len(word) - len(c) >= 4]

    def _spaces_fit(self, names: list[Name], span: list[Token], clitic: str) -> bool:
        """Whether words with spaces are this name: as many words as the name has, or a name pulled apart into pieces
        none of which is a word of its own."""
        count = len(span) - (1 if clitic and span[-1].text == clitic else 0)
        if any(len(tokenize(fold(name.text))) == count for name in names):
            return True
        regional = any(not n.district and n.kind != "abbreviation" for n in names)
        return regional and all(len(t.text) >= 3 and not self._stands_alone(t.text) for t in span)

    def _stands_alone(self, word: str) -> bool:
        """Whether a piece of a name pulled apart is a region or a content word of its own."""
        known = self.lexicon.word(word)
        concept = known is not None and known.concept not in (STOP, ORDINARY)
        return concept or any(not n.district for n in self.gazetteer.lookup(word))

    def _prefers_name(self, name: Item, phrase: Item, tokens: list[Token], words: list[str | None]) -> bool:
        if name.end != phrase.end:
            return name.end > phrase.end
        if any(n.province for n in name.names) and phrase.kind in (ORDINARY, STOP):
            return True
        if all(n.district or n.kind == "abbreviation" for n in name.names) and phrase.end - phrase.start == 1:
            return self._cued(tokens, words, name, all(n.district for n in name.names))
        if phrase.kind in ("concept", "stop") and all(n.kind != "region" and not n.province for n in name.names):
            return False
        return phrase.kind in (ORDINARY, STOP, "outside") or any(n.kind == "region" for n in name.names)

    def _cued(self, tokens: list[Token], words: list[str | None], name: Item, district: bool) -> bool:
        """Whether "kecamatan" (or for a region "kabupaten", "kota") stands beside a name that is also a word."""
        wanted = ("DISTRICT",) if district else ("REGENCY", "CITY")
        for at in (name.start - 1, name.end):
            if 0 <= at < len(tokens):
                word = self.lexicon.word(words[at] or tokens[at].text)
                if word and word.concept in wanted:
                    return True
        return False

    # ------------------------------------------------------------------------------------------ what is known almost

    def _corrected(self, tokens: list[Token], words: list[str | None], at: int) -> Item | None:
        """The word or name that an unknown word is a misspelling of, if one is nearest; a tie stays unknown."""
        typed = tokens[at].text
        near_words = self.lexicon.typo_index.near(typed)
        word_edits = near_words[0][0] if near_words else 9
        best: Item | None = None
        cue = at > 0 and self.lexicon.word(words[at - 1] or tokens[at - 1].text)
        districts = bool(cue and cue.concept == "DISTRICT")
        for end in range(min(at + MAX_NAME_TOKENS - 1, len(tokens)), at, -1):
            span = tokens[at:end]
            if any(t.clause != span[0].clause or t.comma for t in span[1:]) or not self._may_belong(words[at + 1 : end], span):
                continue
            key = "".join(t.text for t in span)
            for clitic in ("", *self._clitics(span[-1].text)):
                edits, keys = self.gazetteer.misspelt(key.removesuffix(clitic) if clitic else key, districts=districts)
                if len(keys) == 1 and (best is None or edits < best.edits):
                    names = tuple(self.gazetteer.lookup(keys[0]))
                    best = Item("name", at, end, " ".join(t.text for t in span), names=names, edits=edits, clitic=bool(clitic))
        nearest = self._likeliest(typed, [word for edits, word in near_words if edits == word_edits])
        meanings = {known.concept if (known := self.lexicon.word(word)) else ORDINARY for word in nearest}
        if best and best.end - best.start > 1:
            if best.edits <= word_edits + (meanings <= {ORDINARY}):
                return best
        elif best and best.edits < word_edits:
            return best
        if near_words and (best is None or word_edits < best.edits):
            if len(meanings) == 1 or len(nearest) == 1:
                words[at] = min(nearest)
                item = self._phrase(tokens, words, at)
                if item:
                    item.edits = word_edits
                    return item
        return None

    def _likeliest(self, typed: str, near: list[str]) -> list[str]:
        """Of equally near words those a person more likely meant: the first letter is seldom mistyped (Yannakoudakis and
        Fawthrop, Information Processing & Management 19, 1983), and a word of this field beats any other."""
        if not near:
            return near

        def unlikeliness(word: str) -> tuple[bool, bool]:
            known = self.lexicon.word(word)
            return word[0] != typed[0], known is None or known.concept in (ORDINARY, STOP)

        least = min(map(unlikeliness, near))
        return [word for word in near if unlikeliness(word) == least]

    def _typed_name(self, tokens: list[Token], words: list[str | None], at: int) -> Item | None:
        """A misspelt name of two words that happen to be words, where its type stands beside it ("gunung kidal regency")."""
        end = at + 2
        if end > len(tokens) or tokens[at + 1].comma or tokens[at + 1].clause != tokens[at].clause:
            return None
        beside = [words[i] or tokens[i].text for i in (at - 1, end) if 0 <= i < len(tokens)]
        kinds = {known.concept for word in beside if (known := self.lexicon.word(word))}
        second = self.lexicon.word(words[at + 1] or tokens[at + 1].text)
        if not kinds & {"REGENCY", "CITY"} or (second and second.concept != ORDINARY):
            return None
        edits, keys = self.gazetteer.misspelt(tokens[at].text + tokens[at + 1].text, districts=False)
        if len(keys) != 1 or edits > 1:
            return None
        said = f"{tokens[at].text} {tokens[at + 1].text}"
        return Item("name", at, end, said, names=tuple(self.gazetteer.lookup(keys[0])), edits=edits)

    def _longer(self, tokens: list[Token], words: list[str | None], item: Item) -> Item:
        """The longer name that a name and a misspelt word behind it make ("Sumatra Selatn"), else the name itself."""
        end = item.end + 1
        if end > len(tokens) or words[item.end] is not None or tokens[item.end].comma:
            return item
        if tokens[item.end].clause != tokens[item.start].clause or self._is_name(tokens[item.end].text):
            return item
        key = "".join(t.text for t in tokens[item.start : end])
        edits, keys = self.gazetteer.misspelt(key, districts=False)
        if len(keys) != 1:
            return item
        said = " ".join(t.text for t in tokens[item.start : end])
        return Item("name", item.start, end, said, names=tuple(self.gazetteer.lookup(keys[0])), edits=edits)

    def _may_belong(self, words: list[str | None], span: list[Token]) -> bool:
        """Whether the words behind a misspelt one may be part of the same name: directions, names and unknown words."""
        for word, token in zip(words, span[1:], strict=True):
            if token.text in self.gazetteer.directions or self.gazetteer.lookup(token.text):
                continue
            if word is not None:
                return False
        return True

    def _split_joined(self, tokens: list[Token], words: list[str | None]) -> tuple[list[Token], list[str | None]]:
        """Pull apart unknown words that are wholly made of known words and names ("klatenikut", "kotasurabaya")."""
        out: list[Token] = []
        for at, (token, word) in enumerate(zip(tokens, words, strict=True)):
            parts = None
            if word is None and len(token.text) >= 7 and not self._in_name(tokens, at):
                parts = self._segments(token.text)
            if not parts:
                out.append(token)
                continue
            at = token.start
            for number, part in enumerate(parts):
                out.append(
                    Token(part, at, at + len(part), token.clause, token.comma and not number, bool(number) or token.glued)
                )
                at += len(part)
        if len(out) == len(tokens):
            return tokens, words
        return out, [self.lexicon.base(token.text) for token in out]

    def _in_name(self, tokens: list[Token], at: int) -> bool:
        """Whether a word is a name or begins one with the words behind it ("kotawaringin barat")."""
        if self._is_name(tokens[at].text):
            return True
        ends = range(at + 2, min(at + MAX_NAME_TOKENS, len(tokens)) + 1)
        return any(self._is_name("".join(t.text for t in tokens[at:end])) for end in ends)

    def _is_name(self, word: str) -> bool:
        return bool(self.gazetteer.lookup(word)) or any(
            self.gazetteer.lookup(word.removesuffix(c)) for c in self._clitics(word)
        )

    def _segments(self, word: str) -> list[str] | None:
        """The fewest known pieces that make up a word, a name or a content word among them; else ``None``."""
        best: dict[int, list[str]] = {0: []}
        for end in range(2, len(word) + 1):
            for start in [s for s in best if s < end]:
                piece = word[start:end]
                if len(best[start]) < 5 and self._piece(piece) and len(best[start]) + 1 < len(best.get(end, "......")):
                    best[end] = [*best[start], piece]
        parts = best.get(len(word))
        return parts if parts and len(parts) > 1 and any(len(p) >= 4 for p in parts) else None

    def _piece(self, text: str) -> bool:
        if len(text) >= 5 and any(not n.district and n.kind != "abbreviation" for n in self.gazetteer.lookup(text)):
            return True
        known = self.lexicon.phrases.get(text)
        return known is not None and known.concept != ORDINARY and (len(text) >= 3 or text in ("di", "ke", "is", "in", "ga"))

    # -------------------------------------------------------------------------------------------------------- language

    def _vote(self, reading: Reading, words: list[str | None]) -> None:
        for item in reading.items:
            if item.kind == "name" or item.kind in ("year", "number"):
                if item.clitic:
                    reading.votes["id"] = reading.votes.get("id", 0) + 1
                continue
            for at in range(item.start, item.end):
                word = words[at] or reading.tokens[at].text
                known = self.lexicon.word(item.said) or self.lexicon.word(word)
                if known and len(known.languages) == 1:
                    (language,) = known.languages
                    reading.votes[language] = reading.votes.get(language, 0) + 1
                    break
