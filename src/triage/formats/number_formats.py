"""What the number format of a cell shows beside the number: a currency, a percentage, zeros.

A spreadsheet keeps 0.15 and shows 15 %, or keeps 42 and shows 0042. A reader means what is shown,
so the number is read as that text wherever the format says more than digits. The codes are those of
ECMA-376, part 1, section 18.8.31.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

CANADA = frozenset((0x1009, 0x0C0C))
"""The numbers by which formats name English and French of Canada."""
DOLLARS = {
    **{0x0409: "USD", 0x0C09: "AUD", 0x1409: "NZD", 0x4809: "SGD", 0x0C04: "HKD", 0x0404: "TWD"},
    **{0x080A: "MXN", 0x2C0A: "ARS", 0x340A: "CLP", 0x240A: "COP"},
}
"""By the same numbers the currency of other dollars and pesos, which all show "$"."""
CANADIAN = re.compile(r"(?:CAD?|CDN|C)?\$?(?:CAN|CAD?|CDN)?")
MOST_DECIMALS = 15

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|\[\$(?P<symbol>[^\]-]*)(?:-(?P<locale>[^\]]*))?\]'
    r"|\[(?P<test>[<>=]+)(?P<limit>-?[\d.]+)\]|\[[^\]]*\]|_.|\*."
    r"|(?P<exponent>[Ee][+-]0+)|(?P<general>General)|(?P<mark>[0#?.,%/@])|(?P<other>.)",
    re.DOTALL,
)
_TESTS = {
    **{"<": Decimal.__lt__, "<=": Decimal.__le__, ">": Decimal.__gt__, ">=": Decimal.__ge__},
    **{"=": Decimal.__eq__, "<>": Decimal.__ne__},
}


@dataclass(frozen=True)
class _Section:
    """One of the sections of a format: its pattern as tokens, `0` for every place of a digit.

    `literals` are in `pattern` as texts of their own; `test` chooses the section where it has one.
    """

    pattern: tuple[tuple[str, str], ...]
    test: tuple[str, Decimal] | None

    @property
    def words(self) -> str:
        """What stands beside the digits, without blanks and the marks of negative numbers."""
        texts = "".join(text for kind, text in self.pattern if kind in ("text", "%"))
        return re.sub(r"[\s()+–-]", "", texts)

    @property
    def is_telling(self) -> bool:
        """Whether it shows more than a number, or than an amount in Canadian dollars."""
        kinds = [kind for kind, _ in self.pattern]
        if "exponent" in kinds or "/" in kinds:
            return False
        pads = "".join(kinds).partition(".")[0].count("0") > 1
        shrinks = "thousands" in kinds
        return pads or shrinks or CANADIAN.fullmatch(self.words) is None

    def shown(self, number: Decimal) -> str:
        """The number as the section writes it, without marks between thousands."""
        kinds = [kind for kind, _ in self.pattern]
        scaled = abs(number) * 100 ** kinds.count("%") / 1000 ** kinds.count("thousands")
        point = kinds.index(".") if "." in kinds else len(kinds)
        places = [kind for kind in kinds[point:] if kind in "0#?"]
        exact = Decimal(1).scaleb(-min(len(places), MOST_DECIMALS))
        digits = f"{scaled.quantize(exact, ROUND_HALF_UP) if 'General' not in kinds else scaled:f}"
        whole, _, decimals = digits.partition(".")
        least = "".join(places).rfind("0") + 1
        while len(decimals) > least and decimals.endswith("0"):
            decimals = decimals[:-1]
        return "".join(self._filled(whole if whole != "0" else "", decimals)).strip()

    def _filled(self, whole: str, decimals: str) -> Iterator[str]:
        """The texts of the section with the digits in their places."""
        kinds = [kind for kind, _ in self.pattern]
        point = kinds.index(".") if "." in kinds else len(kinds)
        places = sum(kind in "0#?" for kind in kinds[:point])
        # The first place takes all digits for which there is no place of their own.
        first = max(0, len(whole) - places)
        digits = [whole[: first + 1], *whole[first + 1 :]]
        digits = [""] * (places - len(digits)) + digits
        for index, (kind, text) in enumerate(self.pattern):
            if kind in "0#?" and index < point:
                yield digits.pop(0) or ("0" if kind == "0" else "")
            elif kind == ".":
                yield f".{decimals}" if decimals else ""
            elif kind == "General":
                yield (whole or "0") + (f".{decimals}" if decimals else "")
            elif kind in ("text", "%"):
                yield text


@dataclass(frozen=True)
class NumberFormat:
    """A format that shows more than digits."""

    sections: tuple[_Section, ...]

    def shown(self, number: float) -> str:
        """The text that a reader of the sheet sees."""
        exact = Decimal(repr(number))
        section, signed = self._section(exact)
        text = section.shown(exact)
        return f"-{text}" if signed and exact < 0 else text

    def _section(self, number: Decimal) -> tuple[_Section, bool]:
        """The section for a number, and whether the sign is still to be written."""
        sections = self.sections
        if any(section.test for section in sections):
            for section in sections:
                if section.test is None or _TESTS[section.test[0]](number, section.test[1]):
                    return section, True
            return sections[-1], True
        if number < 0 and len(sections) > 1:
            return sections[1], False
        if number == 0 and len(sections) > 2:
            return sections[2], False
        return sections[0], True


@lru_cache(maxsize=512)
def telling_format(code: str) -> NumberFormat | None:
    """The format with this code; None where it shows nothing but digits or Canadian dollars."""
    sections = tuple(_section(part) for part in re.findall(r'(?:"[^"]*"?|\\.|[^;"\\])+', code)[:3])
    if not any(section.is_telling for section in sections):
        return None
    return NumberFormat(sections)


def _section(code: str) -> _Section:
    pattern: list[tuple[str, str]] = []
    test: tuple[str, Decimal] | None = None
    for match in _TOKEN.finditer(code):
        if match["test"] in _TESTS:
            test = match["test"], Decimal(match["limit"])
        elif match["symbol"] is not None:
            pattern.append(("text", _currency(match["symbol"], match["locale"] or "")))
        elif match["exponent"] is not None:
            pattern.append(("exponent", ""))
        elif match["general"] is not None:
            pattern.append(("General", ""))
        elif match["mark"] == "%":
            pattern.append(("%", "%"))
        elif match["mark"] is not None:
            pattern.append((match["mark"], ""))
        else:
            text = match["quoted"] or match["escaped"] or match["other"]
            if text:
                pattern.append(("text", text))
    return _Section(tuple(_without_grouping(pattern)), test)


def _without_grouping(pattern: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A comma between places of digits groups them; one behind the last divides by a thousand."""
    places = [index for index, (kind, _) in enumerate(pattern) if kind in "0#?"]
    for index, (kind, text) in enumerate(pattern):
        if kind != ",":
            yield kind, text
        elif places and (index > places[-1] or pattern[index + 1 : index + 2] == [(".", "")]):
            yield "thousands", ""


def _currency(symbol: str, locale: str) -> str:
    """A symbol, with the currency where only the locale tells it."""
    if symbol.strip() != "$" or not locale or locale.upper() in ("EN-CA", "FR-CA"):
        return symbol
    try:
        language = int(locale, 16) & 0xFFFF
    except ValueError:
        return f"$ {locale} "
    return symbol if language in CANADA else f"$ {DOLLARS.get(language, locale)} "
