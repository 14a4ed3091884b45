"""Byte_Pair_Passes: the bytes of all words, merged pair by pair until no pair of neighbours is in the table.

One row per byte, one group of columns per pass. A token stands in the row of its first byte, and `next` is the
row of the token behind it in the same word (the row below all others where there is none). In each pass every
word merges one pair: the one with the lowest rank, of equals the first, which is what the `tokenizers` library
does. Its left token becomes the merged one, its right one leaves.

Rank and place are one number: rank + next / 2048. Both parts are exact in binary, so the smallest number of a
word is its winner, and its fraction tells the row that leaves.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.address import Rect, at, column_letters
from sheetgpt.book import Book, Sheet
from sheetgpt.layout.lookup import KEY
from sheetgpt.layout.page import page
from sheetgpt.limits import Limits

NONE = 999999999  # the rank of a pair that never merges
_PLACES = 2048  # more than rows of bytes
_TOP = 5  # first row of a byte
_WIDTH = 7  # columns of a pass, a narrow one between them included
_FIRST = 10  # column of the first pass

_BYTES = (
    ("byte", "position", ""),
    ("character", "symbol", "IF(A{r}>SUM(words.bytes),0,MATCH(A{r},words.first_byte,1))"),
    ("", "token", 'IF(B{r}=0,"",INDEX(words.shown,B{r}))'),
    ("word", "symbol", "IF(B{r}=0,0,INDEX(words.word,B{r}))"),
    ("bytes left", "whole", "IF(B{r}=0,0,INDEX(words.first_byte,B{r})+INDEX(words.bytes,B{r})-1-A{r})"),
    ("quotient", "symbol", "IF(B{r}=0,-1,INT(INDEX(words.code,B{r})/CHOOSE(E{r}+1,1,64,4096,262144)))"),
    ("value", "symbol", "IF(B{r}=0,-1,IF(A{r}=INDEX(words.first_byte,B{r}),"
     "F{r}+CHOOSE(INDEX(words.bytes,B{r}),0,192,224,240),128+F{r}-64*INT(F{r}/64)))"),
)  # fmt: skip
_HEADS = ("token", "id", "next", "table row", "rank", "best of word")
_STYLES = ("token", "symbol", "symbol", "whole", "rank", "rank")


def byte_pair_passes(book: Book, limits: Limits) -> None:
    """The sheet; names merged.ids, merged.counts (tokens so far) and merged.ranks (of pairs left over), [n, 1]."""
    words = "in every pass each word merges the pair of neighbours with the lowest rank in the table of merges"
    sheet = page(book, "Byte_Pair_Passes", limits.bytes, "From bytes to tokens", words, "input").sheet
    last = _TOP + limits.bytes - 1
    sheet.look.widths = {(1, 7): 8, (8, 8): 84, (9, 9): 3}
    sheet.look.freeze = (_TOP, 5)
    _caption(sheet, 1, 7, "Bytes of UTF-8")
    _column(sheet, _BYTES, 1, last, {})
    sheet.put(Rect(_TOP, 1, last, 1), np.arange(1.0, limits.bytes + 1)[:, None])
    sheet.put(Rect(last + 1, 1, last + 1, 7), np.array([[limits.bytes + 1.0, 0, None, 0, 0, -1, -1]], dtype=object))
    for row, note in enumerate(_WORDS, _TOP):
        sheet.put(at(row, 8), note, "note")
    book.define("bytes.table", sheet.name, Rect(_TOP, 2, last, len(_BYTES)))
    for number in range(1, limits.passes + 2):
        _pass(sheet, number, limits, last)
        left = _FIRST + (number - 1) * _WIDTH
        name = f"passes.{number:02d}" if number <= limits.passes else "passes.result"
        book.define(name, sheet.name, Rect(_TOP, left, last, left + len(_HEADS) - 1))
    _result(book, sheet, limits, last)


_WORDS = (
    "token, id: what stands in this row; none where the token to the left has taken it.",
    "next: the row of the next token of the word.",
    "table row: where the pair of this token and the next one is, or would be, in the sorted table on Merges.",
    "rank: which merge that is, 0 is the best; none where the table does not have the pair.",
    "best of word: the lowest rank in the word. It is merged in the next pass; of two equal ones the first.",
)


def _pass(sheet: Sheet, number: int, limits: Limits, last: int) -> None:
    """The columns of one pass: the tokens it begins with, and which pair of each word it merges."""
    left, is_result = _FIRST + (number - 1) * _WIDTH, number > limits.passes
    here = dict(zip("sinkvm", map(column_letters, range(left, left + 6)), strict=True))
    before = {f"p{name}": column_letters(left + k - _WIDTH) for k, name in enumerate("sinkvm")} if number > 1 else {}
    rows = {"top": str(_TOP), "last": str(last), "end": str(last + 1)}
    names = here | before | rows | {"key": str(KEY), "none": str(NONE)}
    _caption(sheet, left, left + 5, "Result: nothing is left to merge" if is_result else f"Pass {number}")
    formulas = (_BEGIN if number == 1 else _MERGE) + _PAIR
    columns = tuple(zip(_HEADS, _STYLES, formulas, strict=True))
    _column(sheet, columns[:-1] if is_result else columns, left, last, names)
    sheet.put(Rect(last + 1, left + 1, last + 1, left + 2), np.array([[-1.0, limits.bytes + 1]]))
    sheet.look.widths |= {(left, left): 12, (left + 1, left + 5): 8, (left + 6, left + 6): 3}


_SHOWN = 'IF({i}{r}<0,"",INDEX(vocabulary.shown,{i}{r}+1))'
_WINS = "({pv}{r}={pm}{r})*({pm}{r}<{none})"
_BEGIN: tuple[str, ...] = (_SHOWN, "IF(G{r}<0,-1,INDEX(bytes.ids,G{r}+1))", "IF(D{below}=D{r},A{below},$A${end})")
_MERGE: tuple[str, ...] = (
    _SHOWN,
    f"IF({_WINS},INDEX(merges.merged,{{pk}}{{r}}),IF($A{{r}}=({{pm}}{{r}}-INT({{pm}}{{r}}))*{_PLACES},-1,{{pi}}{{r}}))",
    f"IF({_WINS},INDEX({{pn}}${{top}}:{{pn}}${{end}},{{pn}}{{r}}),{{pn}}{{r}})",
)
_KEY = "{i}{r}*{key}+INDEX({i}${top}:{i}${end},{n}{r})"
_PAIR = (
    f"MATCH({_KEY},merges.keys,1)",
    f"IF(INDEX(merges.keys,{{k}}{{r}})={_KEY},INDEX(merges.ranks,{{k}}{{r}})+{{n}}{{r}}/{_PLACES},{{none}})",
    "MIN({v}${top}:{v}${last}+ABS($D${top}:$D${last}-$D{r})*{none})",
)


def _column(
    sheet: Sheet, columns: tuple[tuple[str, str, str], ...], left: int, last: int, names: dict[str, str]
) -> None:
    """Headings and formulas of columns, one formula a row; what looks at a whole word is an array formula."""
    for column, (heading, style, formula) in enumerate(columns, left):
        sheet.put(at(_TOP - 1, column), heading or None, "heading_center")
        for row in range(_TOP, last + 1) if formula else ():
            text = formula.format(**names | {"r": str(row), "below": str(row + 1)})
            sheet.put_formula(at(row, column), text, array=text.startswith("MIN("))
        sheet.look.styles.append((Rect(_TOP, column, last, column), style))


def _result(book: Book, sheet: Sheet, limits: Limits, last: int) -> None:
    left = _FIRST + limits.passes * _WIDTH
    ids, ranks = (Rect(_TOP, column, last, column) for column in (left + 1, left + 4))
    counts = ranks.shift(columns=1)
    letter = column_letters(left + 1)
    sheet.put(at(_TOP - 1, counts.left), "tokens", "heading_center")
    for row in range(_TOP, last + 1):
        sheet.put_formula(at(row, counts.left), f'COUNTIF({letter}${_TOP}:{letter}{row},">=0")', "whole")
    for name, rect in (("ids", ids), ("ranks", ranks), ("counts", counts)):
        book.define(f"merged.{name}", sheet.name, rect)


def _caption(sheet: Sheet, left: int, right: int, title: str) -> None:
    sheet.put(at(_TOP - 2, left), title)
    sheet.look.styles.append((Rect(_TOP - 2, left, _TOP - 2, right), "caption"))
