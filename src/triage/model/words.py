"""The words of a text in English or French, as phrases and names are compared with them."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

SMALL_WORDS = frozenset(
    (
        *("the", "a", "an", "of", "this", "these", "its", "his", "her", "our", "their", "your"),
        *("le", "la", "les", "l", "de", "du", "des", "d", "un", "une", "ce", "cet", "cette", "ces"),
        *("leur", "leurs", "son", "sa", "ses", "notre", "nos", "votre", "vos"),
    )
)
_WORD = re.compile(r"(?:[^\W\d_]\.-?)+[^\W\d_](?!\w)\.?|[^\W_]+")
_PASSED_OVER = re.compile(r"\S{1,100}@\S{1,200}|(?:https?://|www\.)\S{1,1000}")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae"})
_STOP = re.compile(r"[!?\N{HORIZONTAL ELLIPSIS}\N{BULLET}]|\n\s*\n")
_PAUSE = re.compile(r"[:;]")
_FULL_STOP = re.compile(
    r"\.[\s\"\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK})]"
)
_SHORTENED = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "st", "ste", "mme", "mlle", "hon", "prof", "gen", "lt", "col"),
        *("no", "dept", "sept", "oct", "nov", "dec"),
    )
)
"""Words with a full stop after which a sentence goes on."""
_LONG_ABBREVIATION = 5


@lru_cache(maxsize=65_536)
def plain(word: str) -> str:
    """A word without case and accents."""
    word = word.casefold().translate(_LETTERS)
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A plain word without the marks of the plural, and of the feminine in French."""
    if len(word) <= 3:
        return word
    if word.endswith("eaux"):
        word = word[:-1]
    elif word.endswith("aux") and len(word) > 4:
        word = word[:-2] + "l"
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if len(word) > 4 and word.endswith("ie"):
        return word[:-2] + "y"
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
        if word.endswith(("ais", "ois")):
            word = word[:-1]
    if len(word) > 5 and word.endswith(("enn", "onn", "ell")):
        word = word[:-1]
    return word


def is_abbreviation(word: str) -> bool:
    """Whether a word is written in capitals."""
    return len(word) > 1 and word.isupper()


def words_in(text: str) -> list[str]:
    """The words of a short text that are not small, as they stand."""
    return [match[0] for match in _WORD.finditer(text) if not _is_small(text, match)]


def bare(text: str) -> str:
    """A word without case, accents and the full stops of an abbreviation."""
    return plain(text.replace(".", "").replace("-", ""))


def _is_small(text: str, match: re.Match[str]) -> bool:
    if match[0].casefold() == "s":
        return match.start() > 0 and text[match.start() - 1] in "'’"
    return match[0].casefold() in SMALL_WORDS


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, with the number of the sentence and of the clause that each stands in.

    `full` has the positions of the words that are not small; a match is told in these positions.
    `quiet` has the numbers of the sentences that are not all in capitals.
    """

    text: str
    spans: list[tuple[int, int]] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    loud: list[bool] = field(default_factory=list)
    sentences: list[int] = field(default_factory=list)
    clauses: list[int] = field(default_factory=list)
    full: list[int] = field(default_factory=list)
    quiet: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, text: str) -> "Words":
        words = cls(text)
        passed = [match.span() for match in _PASSED_OVER.finditer(text)]
        sentence = clause = end = 0
        for match in _WORD.finditer(text):
            start = match.start()
            while passed and passed[0][1] <= start:
                passed.pop(0)
            if passed and passed[0][0] <= start:
                continue
            if words.spans:
                between = text[end:start]
                if words._ends(between, match[0]):
                    sentence, clause = sentence + 1, clause + 1
                elif _PAUSE.search(between):
                    clause += 1
            end = match.end()
            if not _is_small(text, match):
                words.full.append(len(words.spans))
            words.spans.append((start, end))
            words.plain.append(bare(match[0]))
            words.loud.append(is_abbreviation(match[0]))
            words.sentences.append(sentence)
            if not match[0].isupper() and any(letter.isalpha() for letter in match[0]):
                words.quiet.add(sentence)
            words.clauses.append(clause)
        return words

    def _ends(self, between: str, following: str) -> bool:
        """Whether a sentence ends between the last word and the one that follows."""
        if _STOP.search(between) or ("\n" in between and not following[0].islower()):
            return True
        before, word = self.original(len(self.spans) - 1), self.plain[-1]
        if before.endswith(".") or not _FULL_STOP.search(between):
            return False
        if following[0].islower():
            return len(before) > _LONG_ABBREVIATION
        return (len(before) > 1 or before.isdigit()) and word not in _SHORTENED

    def original(self, position: int) -> str:
        """A word as it stands in the text."""
        start, end = self.spans[position]
        return self.text[start:end]

    def is_loud(self, position: int) -> bool:
        """Whether the sentence of a word is all in capitals."""
        return self.sentences[position] not in self.quiet

    def quoted(self, first: int, last: int) -> str:
        """The text from one word to another, in one line."""
        return " ".join(self.text[self.spans[first][0] : self.spans[last][1]].split())

    def between(self, position: int) -> str:
        """What stands between a word and the one before it."""
        return self.text[self.spans[position - 1][1] : self.spans[position][0]]
