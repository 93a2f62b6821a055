"""Every number that decides something about meaning, each with the measurement that set it.

Measurements were made with `python bot.py eval` on the question files under ``tests/questions`` and with
``tests/test_typos.py`` (every region name with random keyboard typos).
"""

from __future__ import annotations

from typing import Final

EXACT_UP_TO: Final = 4
"""Names and words of at most this many letters match exactly only: 24 region names have four letters or fewer, many of
them ordinary words (batu, pati, bone), and one edit among them always reaches another word."""

ONE_EDIT_UP_TO: Final = 7
"""Up to this length one edit is forgiven, above it two. Of 488 region names with random keyboard typos this answered
94 % (one edit) and 68 % (two edits) by itself, none of them wrongly."""

SUGGEST_EXTRA: Final = 1
"""A name this many edits beyond what is taken becomes a button: it held the right name for 26 of the remaining 32 % of
two-edit typos, within three buttons."""

MAX_NAME_TOKENS: Final = 5
"""The longest region name typed apart: "Siau Tagulandang Biaro", "Daerah Istimewa Yogyakarta", "P. Siantar" and so on."""

MAX_TOKENS: Final = 400
"""Tokens read of one message. A 4,000-character message has about 600; the question stands in the first or last ones."""

MAX_CORRECTIONS: Final = 24
"""Unknown words of one message that are compared with the vocabulary; the rest stay unknown. Keeps the longest message
under 5 ms."""

CONTEXT_SECONDS: Final = 600
"""A follow-up may lean on the turn before for ten minutes; then a bare "kapan?" asks about nothing."""

MAX_CHOICES: Final = 4
"""Buttons offered with a question back."""

RESIDUE_WEIGHTS: Final = {"outside": 1.5, "concept": 1.0, "unknown": 0.6, "ordinary": 0.35, "number": 0.3}
"""How much a word that is left over speaks against a reading, by its kind, beside a named region's 0.8 and a cue's 0.9:
one foreign theme outweighs a name, one unknown word alone does not."""

MAX_CANDIDATES: Final = 12
"""Statements that ranking keeps: three times what is shown."""

MAX_FACTS: Final = 4
"""Statements shown for one question; what contradicts one of them is shown on top of that."""

FACT_COVERAGE: Final = 0.62
"""A statement answers where it accounts for this share of the question's content."""

FACT_NEAR_BEST: Final = 0.1
"""Statements of the same topic within this score of the best are told with it."""

STRUCTURE_COVERAGE: Final = 0.5
"""A question about regions is answered where taking part or the programme is spoken of and this share of it is
understood; politeness and stories around the question make up the rest."""

BARE_RESIDUE: Final = 0.99
"""A name without any word for taking part is answered only where nothing else is left: "obat batu ginjal", "malang benar
nasibku" and "medan magnet" hold names of regions too."""

LIST_SOURCE_SHARE: Final = 0.9
"""A source that this share of a year's entries names is taken to print the whole list: it holds for the five lists of
2017 (one breaks off before a name), National Geographic's of 2018 and TIMES Indonesia's of 2019, and for no other."""

FOLLOW_UP_COVERAGE: Final = 0.75
"""What a follow-up takes over is surer to be meant when the statement found accounts for nearly all of it."""

CLEAR_MAJORITY: Final = 3
"""A question is in the language that has three times as many words of its own as the other. On the public set no question
that a person would call clearly Indonesian or English falls below this, and no code-mixed one with both in earnest lies
above it."""

SURE_WORDS: Final = 4
"""Words of its own that a text needs to be surely in a language. Of the 650 texts of the shipped statements, 539 have as many, and
one of those (an English slogan in an Indonesian text) is taken for the other language; with 3, names of hotels are as well."""

WHOLE_COVERAGE: Final = 0.9
"""A message is taken as one question where one reading accounts for this share of it; else its clauses are tried."""

FACT_NEAR_BEST_OF_REGION: Final = 0.36
"""Of one region little is recorded, so what is half as near is told too: who signed along with who governed."""

HEAVY_RESIDUE_COVERAGE: Final = 0.75
"""Where a word with a meaning of its own is left over ("the budget of Klaten's smart city"), a verdict is given only if
the rest outweighs it by far; else "known region, but nothing recorded of that".
"""

FACT_COVERAGE_SQUARELY: Final = 0.42
"""Where the question is squarely about a topic and only words without a meaning of their own are left over, less is
enough: people wrap questions in verbs that no list foresees."""

MAX_LISTED: Final = 120
"""Names listed at once: all participants fit, all that did not take part (415) do not."""

MAX_JOINED: Final = 40
"""Letters of a word that is pulled apart into known words: the longest name with three words around it has fewer."""

HALF: Final = 0.5
"""A message is answered by its parts where those that are understood make up half of it; the rest is named."""

MAX_RANKED: Final = 5
"""Places of a ranking that are told; those that tie with the last are told too."""

MEANT_ALIKE: Final = 0.7
"""Questions of which this share (weighed by rarity) is the same go into one cluster. Of the questions under
``tests/questions`` that land in one, 85 % of the pairs are answered by one statement (83 % by the same verdicts or number),
as many as of those with the very same units; at 0.6 it is 74 %. It finds 3 % and 13 % of all such pairs: most ask in wholly
different words. Of 1,042 questions with a random typing error in a word of six letters or more, 88 % join the one without."""

RARITY_SMOOTHING: Final = 50
"""Units added to those counted when rarity is worked out, so that a word that all of three questions hold still counts for
nearly as much as one that a single one holds."""

MAX_EXAMPLES: Final = 3
"""Questions of a cluster that are shown: enough to see what is meant on a telephone."""

COLUMN_MARGIN: Final = 1
"""A misspelt column name is taken where every other column's names are this many edits further. Of all names in the files
``columns.toml`` with random typing errors this told 91 % (one edit) and 57 % (two); one in 13,200 wrongly ("subek" for
"sumber"). Without the margin four were wrong, with 2 none, at the same share."""
