"""What a token of a criterion can be. Bits, because a word may play several roles: "over" compares and lasts.

Plain integers, because they are tested for every token of every criterion.
"""

from __future__ import annotations

from typing import Final

QUANTITY: Final = 1 << 0  # a number, with its unit; value: Quantity
COMPARE: Final = 1 << 1  # a comparison before its value; value: Comparison
AFTERWORD: Final = 1 << 2  # a comparison after its value; value: Comparison
MEASURE: Final = 1 << 3  # a name from the table of measures; value: Measure
LIMIT: Final = 1 << 4  # "upper limit of normal"; value: "ULN" or "LLN"
SEX: Final = 1 << 5  # value: "male" or "female"
TIME: Final = 1 << 6  # a unit of time, also without a number; value: its UCUM code
WORD: Final = 1 << 7  # any other word
BETWEEN: Final = 1 << 8
TO: Final = 1 << 9
AND: Final = 1 << 10
OR: Final = 1 << 11
NOT: Final = 1 << 12
EXCEPT: Final = 1 << 13
IF: Final = 1 << 14
FOR: Final = 1 << 15
WITHIN: Final = 1 << 16
PAST: Final = 1 << 17
BEFORE: Final = 1 << 18
AFTER: Final = 1 << 19
LASTING: Final = 1 << 20
EVERY: Final = 1 << 21
BY: Final = 1 << 22
PERSON: Final = 1 << 23
GRADE: Final = 1 << 24  # "class", "stage", "score"
NAME: Final = 1 << 25  # a number after it is part of a name
GLUE: Final = 1 << 26  # says nothing between a measure and its value
LINK: Final = 1 << 27  # begins what is said of somebody: "with", "who"
INCLUSIVE: Final = 1 << 28
EXCLUSIVE: Final = 1 << 29
COMMA: Final = 1 << 30
STOP: Final = 1 << 31  # the end of a sentence, a semicolon
OPEN: Final = 1 << 32
CLOSE: Final = 1 << 33
SLASH: Final = 1 << 34
COLON: Final = 1 << 35
PLUS: Final = 1 << 36
SIGN: Final = 1 << 37  # any other sign

OF_WORDS: Final = {
    "between": BETWEEN,
    "to": TO,
    "and": AND,
    "or": OR,
    "not": NOT,
    "except": EXCEPT,
    "if": IF,
    "for": FOR,
    "within": WITHIN,
    "past": PAST,
    "before": BEFORE,
    "after": AFTER,
    "lasting": LASTING,
    "every": EVERY,
    "by": BY,
    "person": PERSON,
    "grade": GRADE,
    "name": NAME,
    "glue": GLUE,
    "link": LINK,
    "inclusive": INCLUSIVE,
    "exclusive": EXCLUSIVE,
    "word": WORD,
}
"""The role of each list under [words] in lexicon.toml."""

OF_SIGNS: Final = (
    dict.fromkeys(",，、", COMMA)
    | dict.fromkeys(";；。", STOP)
    | dict.fromkeys("([{（", OPEN)
    | dict.fromkeys(")]}）", CLOSE)
    | dict.fromkeys(":：", COLON)
    | {"/": SLASH, "&": AND, "+": PLUS}
)
