"""Where a quote stands: a table of cases, an oracle that plants quotes, and hostile input."""

from __future__ import annotations

import random
import time
import unicodedata
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.evidence import fold, stands_at
from extract.model.locate import Located, Locator, NotLocated
from extract.model.texts import Folded, Tokens, visible
from extract.source import LineRange, Source, source_from_bytes

TEXT = """\
Total Enrollment

24 participants

Inclusion Criteria
1. Fasting glucose ≥ 7.0 mmol/L (126 mg/dL), measured twice
2. HbA1c between 7.5% and 10%
3. No history of pancreatitis
4. Able to give informed consent
   before any study procedure
Exclusion Criteria
1. Able to give informed consent
   before any study procedure, but unwilling
2. Haemoglobin below 100 g/L or platelets < 75 × 10⁹/L
3. Treated at site 10 within 24 weeks
"""


def source_of(text: str) -> Source:
    return source_from_bytes(text.encode("utf-8", "surrogatepass"), path="p", format="plain-text")


def located(quote: str, lines: LineRange, text: str = TEXT) -> tuple[LineRange, str] | None:
    source = source_of(text)
    found = Locator(source).locate(quote, lines)
    if isinstance(found, NotLocated):
        return None
    assert stands_at(found.words, found.lines, source)
    assert fold(source.text[found.start : found.end]) == found.words
    return found.lines, found.words


PLACED: dict[str, tuple[str, LineRange, LineRange, str]] = {
    "at its line": ("24 participants", (3, 3), (3, 3), "24 participants"),
    "cited at its label": ("24 participants", (1, 1), (3, 3), "24 participants"),
    "white space of its own": ("  24   participants\n", (3, 3), (3, 3), "24 participants"),
    "over two lines": (
        "give informed consent before any study procedure",
        (9, 10),
        (9, 10),
        "give informed consent before any study procedure",
    ),
    "with the line numbers it was shown": (
        "9| Able to give informed consent\n10|    before any study",
        (9, 10),
        (9, 10),
        "Able to give informed consent before any study",
    ),
    "another case": ("hba1c BETWEEN 7.5% and 10%", (7, 7), (7, 7), "HbA1c between 7.5% and 10%"),
    "brackets lost": ("7.0 mmol/L 126 mg/dL measured twice", (6, 6), (6, 6), "7.0 mmol/L (126 mg/dL), measured twice"),
    "invisible characters": ("HbA\u200b1c between\u00ad 7.5%", (7, 7), (7, 7), "HbA1c between 7.5%"),
    "far away, and only there": ("Fasting glucose ≥ 7.0", (14, 14), (6, 6), "Fasting glucose ≥ 7.0"),
    "lines that are none": ("No history of pancreatitis", (900, 0), (8, 8), "No history of pancreatitis"),
    "one word misspelt": ("Hemoglobin below 100 g/L", (14, 14), (14, 14), "Haemoglobin below 100 g/L"),
    "two letters swapped": ("No hsitory of pancreatitis", (8, 8), (8, 8), "No history of pancreatitis"),
    "twice in the record, but cited": ("Able to give informed", (12, 12), (12, 12), "Able to give informed"),
}


@pytest.mark.parametrize(("quote", "cited", "lines", "words"), PLACED.values(), ids=PLACED.keys())
def test_a_quote_is_placed_and_the_source_s_words_are_kept(
    quote: str, cited: LineRange, lines: LineRange, words: str
) -> None:
    assert located(quote, cited) == (lines, words)


REFUSED: dict[str, tuple[str, LineRange]] = {
    "invented": ("Patients with a mane of silver hair", (6, 6)),
    "nothing": (" \n ", (3, 3)),
    "another number": ("36 participants", (3, 3)),
    "another decimal": ("Fasting glucose ≥ 7.1 mmol/L", (6, 6)),
    "a part of a number": ("Fasting glucose ≥ 7", (6, 6)),
    "another sign": ("Fasting glucose ≤ 7.0 mmol/L", (6, 6)),
    "a negation lost": ("history of pancreatitis and gout", (8, 8)),
    "a negation gained": ("Not able to give informed consent", (9, 9)),
    "a superscript made a number": ("platelets < 75 × 109/L", (14, 14)),
    "words left out": ("Fasting glucose measured twice", (6, 6)),
    "short and far from where it stands": ("24 weeks", (3, 3)),
    "short and cited everywhere": ("site 10", (1, 15)),
    "at two places, neither cited": ("Able to give informed consent", (1, 1)),
    "a part of a word": ("participant", (3, 3)),
    "far too long": ("24 participants " * 400, (3, 3)),
}


@pytest.mark.parametrize(("quote", "cited"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_placed_for_certain_is_not(quote: str, cited: LineRange) -> None:
    assert located(quote, cited) is None


# The oracle: spans are planted, disturbed, and must be found exactly where they were or refused.

PROSE = """
patients adults with severe mild chronic renal hepatic failure diabetes hypertension insulin metformin aspirin within
before after screening baseline no not history of treatment therapy albumin creatinine glucose the a any prior use dose
mg/dL mmol/L (stable) 心不全 naïve Sjögren's β-blocker µg/kg HbA1c IL-6 NYHA
"""
WORDS = PROSE.split()
NUMBERS = ["7.5", "10", "100", "1,000", "0.5", "126", "18", "75", "2", "3.0"]
SIGNS = ["≥", "≤", "<", ">", "="]


def planted(rng: random.Random) -> tuple[str, str, LineRange]:
    """A text, a run of its words as they stand, and the lines of that run."""
    lines = []
    for _ in range(rng.randrange(4, 40)):
        words = [rng.choice(rng.choice((WORDS, WORDS, NUMBERS, SIGNS))) for _ in range(rng.randrange(1, 14))]
        lines.append(rng.choice(("", "  ", "- ")) + rng.choice((" ", "  ", "\u00a0")).join(words))
        if rng.random() < 0.2:
            lines.append(rng.choice(("", *lines)))  # blank, or a repeat
    text = rng.choice(("\n", "\r\n")).join(lines)
    source = source_of(text)
    runs = list(Folded(source.text).text.split(" "))
    start = rng.randrange(len(runs))
    size = min(len(runs) - start, rng.randrange(1, 16))
    quote = " ".join(runs[start : start + size])
    at = len(" ".join(runs[:start])) + (1 if start else 0)
    (first, last) = next(Folded(source.text).find(quote, *_source_span(source, at, len(quote))))
    return text, quote, source.lines_of(first, last)


def _source_span(source: Source, at: int, length: int) -> tuple[int, int]:
    """Where a stretch of the folded text is in the text, by walking both."""
    folded, position, spans = 0, 0, []
    for run in source.text.split():
        begin = source.text.index(run, position)
        spans.append((folded, begin, len(run)))
        folded += len(run) + 1
        position = begin + len(run)
    first = next(b + at - f for f, b, n in spans if f <= at < f + n)
    last = next(b + (at + length) - f for f, b, n in spans if f < at + length <= f + n)
    return first, last


Disturb = Callable[[random.Random, str], str]


def swapped_case(rng: random.Random, quote: str) -> str:
    return quote.swapcase() if "ß" not in quote else quote


def invisible(rng: random.Random, quote: str) -> str:
    at = rng.randrange(len(quote) + 1)
    return quote[:at] + rng.choice("\u200b\u00ad\u2060\ufeff") + quote[at:]


HARMLESS: dict[str, Disturb] = {
    "as it is": lambda rng, q: q,
    "white space": lambda rng, q: q.replace(" ", rng.choice(("  ", "\n", "\u00a0", "\t"))),
    "case": swapped_case,
    "decomposed": lambda rng, q: unicodedata.normalize("NFD", q),
    "invisible characters": invisible,
    "brackets": lambda rng, q: q.replace("(", "").replace(")", ""),
    "ends": lambda rng, q: f'"{q}."',
}


def other_number(rng: random.Random, quote: str) -> str:
    digits = [k for k, c in enumerate(quote) if c in "0123456789"]
    if not digits:
        return quote + " 4711"
    at = rng.choice(digits)
    return quote[:at] + str((int(quote[at]) + rng.randrange(1, 10)) % 10) + quote[at + 1 :]


def other_sign(rng: random.Random, quote: str) -> str:
    for sign in SIGNS:
        if sign in quote:
            return quote.replace(sign, rng.choice([s for s in SIGNS if s != sign]), 1)
    return f"≠ {quote}"


def negated(rng: random.Random, quote: str) -> str:
    words = quote.split(" ")
    kept = [w for w in words if w not in ("no", "not")]
    if len(kept) < len(words):
        return " ".join(kept) or "never"
    words.insert(rng.randrange(len(words)), "never")
    return " ".join(words)


def invented(rng: random.Random, quote: str) -> str:
    words = quote.split(" ")
    words[rng.randrange(len(words))] = rng.choice(["unicorn", "PHASE4", "zyx"])
    return " ".join(words)


HARMFUL: dict[str, Disturb] = {
    "another number": other_number,
    "another sign": other_sign,
    "a negation": negated,
    "an invented word": invented,
    "backwards": lambda rng, q: " ".join(reversed(q.split(" "))),
}


def said(quote: str, text: str) -> bool:
    """Whether the quote's words and signs stand in the text after all."""
    return f" {' '.join(Tokens(quote).norms)} " in f" {' '.join(Tokens(text).norms)} "


@pytest.mark.parametrize("seed", range(4))
def test_planted_quotes_are_found_exactly_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    outcomes: Counter[tuple[str, str]] = Counter()
    for _ in range(500):
        text, quote, lines = planted(rng)
        harmless = rng.random() < 0.6
        name, disturb = rng.choice(list((HARMLESS if harmless else HARMFUL).items()))
        shift = rng.choice((0, 0, 0, 1, -1, 7))
        cited = (max(1, lines[0] + shift), max(1, lines[1] + shift))
        shown = disturb(rng, quote)
        source = source_of(text)
        found = Locator(source).locate(shown, cited)
        if isinstance(found, NotLocated):
            outcomes[name, "refused" if shift else "refused at its lines"] += 1
            continue
        assert stands_at(found.words, found.lines, source)
        if harmless:
            assert Tokens(found.words).norms == Tokens(quote).norms, (quote, shown, found)
            # at its place, or at a repeat of it that is nearer to the cited lines
            near = cited[0] - 2 <= found.lines[1] and found.lines[0] <= cited[1] + 2
            there = lines[0] <= found.lines[0] and found.lines[1] <= lines[1]
            assert there or near, (quote, shown, found, lines)
            outcomes[name, "found"] += 1
        else:
            assert said(shown, text), (quote, shown, found)
    for name in HARMLESS:
        assert outcomes[name, "found"] > 20
    for name in ("as it is", "white space"):
        assert outcomes[name, "refused at its lines"] == 0


@given(st.text(), st.text(), st.integers(0, 9), st.integers(0, 9))
def test_whatever_is_placed_stands_there(text: str, quote: str, first: int, last: int) -> None:
    if text.strip() and text.isprintable():
        found = located(quote, (first, last), text)
        assert found is None or Tokens(found[1]).norms == Tokens(fold(quote)).norms or len(Tokens(quote)) >= 4


@given(st.text(alphabet=st.characters(exclude_characters="\r\n\x00", exclude_categories=["Cs", "Cc"]), min_size=1))
def test_a_whole_line_is_found_in_its_text(line: str) -> None:
    if visible(line).strip():
        assert located(line, (2, 2), f"before\n{line}\nafter") is not None or len(line) > 4000


@given(st.text(), st.integers(0, 50), st.integers(0, 50))
def test_folded_positions_lead_back(text: str, a: int, b: int) -> None:
    words = fold(text)[min(a, b) : max(a, b)].strip()
    if words:
        places = list(Folded(text).find(words, 0, len(text)))
        assert places
        assert all(fold(text[start:end]) == words for start, end in places)


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "a" * 1_000_000,
        "\u200b" * 500_000 + "x",
        "1.1" * 300_000,
        "x\n" * 100_000,
        "é\u0301" * 200_000,
    ],
    ids=["one word", "one token", "invisible", "digits", "lines", "marks"],
)
def test_time_is_linear_in_hostile_text(text: str) -> None:
    def seconds(times: int) -> float:
        locator = Locator(source_of(text[: len(text) // 8 * times]))
        start = time.process_time()
        for quote in ("word word word other", "x x x x x y", "1.1 1.1 1.1 1.2"):
            locator.locate(quote, (1, 1))
        return time.process_time() - start

    seconds(1)
    assert seconds(8) < 40 * max(seconds(1), 0.002)


def test_reasons_do_not_repeat_what_was_quoted() -> None:
    found = Locator(source_of(TEXT)).locate("the secret word is swordfish", (1, 1))
    assert isinstance(found, NotLocated)
    assert "swordfish" not in found.reason
    assert isinstance(Locator(source_of(TEXT)).locate("24 participants", (3, 3)), Located)
