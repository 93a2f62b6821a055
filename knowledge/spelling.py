"""What words are known almost: misspelt words and names, names typed apart or together with other words."""

from __future__ import annotations

from .lexicon import ORDINARY, STOP
from .normalize import Token
from .thresholds import MAX_JOINED, MAX_NAME_TOKENS
from .words import Item, Matcher


class Speller:
    """Finds what a misspelt word was meant to be; never where two things are as near."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self.lexicon = matcher.lexicon
        self.gazetteer = matcher.gazetteer

    def corrected(self, tokens: list[Token], words: list[str | None], at: int) -> Item | None:
        """The word or name that an unknown word is a misspelling of, if one is nearest; a tie stays unknown."""
        typed = tokens[at].text
        near_words = [(d, w) for d, w in self.lexicon.typo_index.near(typed) if not self._names_only(w)]
        word_edits = near_words[0][0] if near_words else 9
        best: Item | None = None
        cue = at > 0 and self.lexicon.word(words[at - 1] or tokens[at - 1].text)
        districts = bool(cue and cue.concept == "DISTRICT")
        for end in range(min(at + MAX_NAME_TOKENS - 1, len(tokens)), at, -1):
            span = tokens[at:end]
            if any(t.clause != span[0].clause or t.comma for t in span[1:]) or not self._may_belong(
                words[at + 1 : end], span
            ):
                continue
            key = "".join(t.text for t in span)
            for clitic in ("", *self._matcher.clitics(span[-1].text)):
                edits, keys = self.gazetteer.misspelt(key.removesuffix(clitic) if clitic else key, districts=districts)
                if len(keys) == 1 and (best is None or edits < best.edits):
                    names = tuple(self.gazetteer.lookup(keys[0]))
                    best = Item(
                        "name", at, end, " ".join(t.text for t in span), names=names, edits=edits, clitic=bool(clitic)
                    )
        nearest = self._likeliest(typed, [word for edits, word in near_words if edits == word_edits])
        meanings = {known.concept if (known := self.lexicon.word(word)) else ORDINARY for word in nearest}
        if best and best.end - best.start > 1:
            if best.edits <= word_edits + (meanings <= {ORDINARY}):
                return best
        elif best and best.edits < word_edits:
            return best
        clear = len(meanings) == 1 or len(nearest) == 1
        if near_words and clear and (best is None or word_edits < best.edits):
            words[at] = min(nearest)
            item = self._matcher.phrase(tokens, words, at)
            if item:
                item.edits = word_edits
                return item
        return None

    def _names_only(self, word: str) -> bool:
        """Whether a word stands in phrases only as a region's name ("bandung institute of technology")."""
        return self.lexicon.word(word) is None and any(n.kind == "region" for n in self.gazetteer.lookup(word))

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

    def typed_name(self, tokens: list[Token], words: list[str | None], at: int) -> Item | None:
        """A misspelt name of two words that happen to be words, where its type stands beside it or its second word is part
        of names ("gunung kidal regency", "angan raya")."""
        end = at + 2
        if end > len(tokens) or tokens[at + 1].comma or tokens[at + 1].clause != tokens[at].clause:
            return None
        beside = [words[i] or tokens[i].text for i in (at - 1, end) if 0 <= i < len(tokens)]
        kinds = {known.concept for word in beside if (known := self.lexicon.word(word))}
        second = self.lexicon.word(words[at + 1] or tokens[at + 1].text)
        part = bool(self.gazetteer.lookup(tokens[at + 1].text)) or tokens[at + 1].text in self.gazetteer.parts
        unknown = words[at + 1] is None
        if not (part or unknown or kinds & {"REGENCY", "CITY"}) or (second and second.concept != ORDINARY and not part):
            return None
        return self._region(tokens, at, end, most=1)

    def longer(self, tokens: list[Token], words: list[str | None], item: Item) -> Item:
        """The longer name that a name and misspelt words behind it make ("Sumatra Selatn", "Maluku Braat Daya"), else the
        name itself."""
        for end in range(min(item.end + MAX_NAME_TOKENS - 1, len(tokens)), item.end, -1):
            added = tokens[item.end : end]
            if any(t.comma or t.clause != tokens[item.start].clause for t in added):
                continue
            area = all(n.kind == "area" for n in item.names)
            if not item.edits and not area and all(self._exact(words[item.end + i], t) for i, t in enumerate(added)):
                continue
            found = self._region(tokens, item.start, end, most=2)
            if found:
                return found
        return item

    def _exact(self, word: str | None, token: Token) -> bool:
        """Whether a word stands in the lexicon or the gazetteer just as it was typed."""
        return word == token.text or bool(self.gazetteer.lookup(token.text)) or token.text in self.gazetteer.parts

    def _region(self, tokens: list[Token], start: int, end: int, most: int) -> Item | None:
        """The one region whose name these words misspell by at most so many edits."""
        edits, keys = self.gazetteer.misspelt("".join(t.text for t in tokens[start:end]), districts=False)
        if len(keys) != 1 or edits > most:
            return None
        said = " ".join(t.text for t in tokens[start:end])
        return Item("name", start, end, said, names=tuple(self.gazetteer.lookup(keys[0])), edits=edits)

    def _may_belong(self, words: list[str | None], span: list[Token]) -> bool:
        """Whether the words behind a misspelt one may be part of the same name: directions, names and unknown words."""
        for word, token in zip(words, span[1:], strict=True):
            if token.text in self.gazetteer.parts or self.gazetteer.lookup(token.text):
                continue
            if word is not None:
                return False
        return True

    def split_joined(self, tokens: list[Token], words: list[str | None]) -> tuple[list[Token], list[str | None]]:
        """Pull apart unknown words that are wholly made of known words and names ("klatenikut", "kotasurabaya")."""
        out: list[Token] = []
        for at, (token, word) in enumerate(zip(tokens, words, strict=True)):
            parts = None
            if word is None and 7 <= len(token.text) <= MAX_JOINED and not self._in_name(tokens, at):
                parts = self._segments(token.text)
            if not parts:
                out.append(token)
                continue
            start = token.start
            for number, part in enumerate(parts):
                out.append(
                    Token(
                        part,
                        start,
                        start + len(part),
                        token.clause,
                        token.comma and not number,
                        bool(number) or token.glued,
                    )
                )
                start += len(part)
        if len(out) == len(tokens):
            return tokens, words
        return out, [self.lexicon.base(token.text) for token in out]

    def _in_name(self, tokens: list[Token], at: int) -> bool:
        """Whether a word is a name or begins one with the words behind it ("kotawaringin barat")."""
        if self._is_name(tokens[at].text):
            return True
        return any(
            self._is_name("".join(t.text for t in tokens[start:end]))
            for start in range(max(0, at - 1), at + 1)
            for end in range(at + 1, min(start + MAX_NAME_TOKENS, len(tokens)) + 1)
        )

    def _is_name(self, word: str) -> bool:
        return bool(self.gazetteer.lookup(word)) or any(
            self.gazetteer.lookup(word.removesuffix(c)) for c in self._matcher.clitics(word)
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
        return parts if parts and len(parts) > 1 and any(map(self._weighty, parts)) else None

    def _weighty(self, piece: str) -> bool:
        """Whether a piece makes it likely that words were typed together: a name or a word with a meaning."""
        known = self.lexicon.phrases.get(piece)
        return len(piece) >= 4 and (known is None or known.concept != STOP)

    def _piece(self, text: str) -> bool:
        if len(text) >= 5 and any(not n.district and n.kind != "abbreviation" for n in self.gazetteer.lookup(text)):
            return True
        known = self.lexicon.phrases.get(text)
        return (
            known is not None
            and known.concept != ORDINARY
            and (len(text) >= 3 or text in ("di", "ke", "is", "in", "ga"))
        )
