"""Byte-pair merges, the sheet Byte_Pair_Passes: pair by pair until no pair of neighbours is in the table.

One row per byte, one group of columns per pass. A token stands in the row of its first byte, and `next` is the
row of the token behind it in the same word (the row below all others where there is none). In each pass every
word merges one pair: the one with the lowest rank, of equals the first, which is what the `tokenizers` library
does. Its left token becomes the merged one, its right one leaves.

Rank and place are one number: rank + next / 2048. Both parts are exact in binary, so the smallest number of a
word is its winner, and its fraction tells the row that leaves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.address import Rect, at, column_letters
from sheetgpt.book.book import Book, Sheet
from sheetgpt.layout.headings import caption, headings, odd
from sheetgpt.layout.lookup_tables import KEY
from sheetgpt.layout.page import page
from sheetgpt.schema.prompt_limits import Limits

NONE = 999999999  # the rank of a pair that never merges
_PLACES = 2048  # more than rows of bytes
_HEADS = 4  # row of the headings
_TOP = _HEADS + 2  # first row of a byte
_READ = 3  # columns of the bytes that people read; the others are for formulas
_WIDTH = 7  # columns of a pass, a narrow one between them included
_FIRST = 9  # column of the first pass

_BYTES = (
    # heading, words on it, style, formula
    ("byte", "of the text, in UTF-8", "position", ""),
    ("character", "it belongs to", "token", 'IF(D{r}=0,"",INDEX(words.shown,D{r}))'),
    ("word", "as cut before", "symbol", "IF(D{r}=0,0,INDEX(words.word,D{r}))"),
    ("char. no.", "", "symbol", "IF(A{r}>SUM(words.bytes),0,MATCH(A{r},words.first_byte,1))"),
    (
        "bytes left",
        "of the char- acter",
        "whole",
        "IF(D{r}=0,0,INDEX(words.first_byte,D{r})+INDEX(words.bytes,D{r})-1-A{r})",
    ),
    (
        "code",
        "over 64 per byte left",
        "symbol",
        "IF(D{r}=0,-1,INT(INDEX(words.code,D{r})/CHOOSE(E{r}+1,1,64,4096,262144)))",
    ),
    (
        "value",
        "of the byte",
        "symbol",
        "IF(D{r}=0,-1,IF(A{r}=INDEX(words.first_byte,D{r}),"
        "F{r}+CHOOSE(INDEX(words.bytes,D{r}),0,192,224,240),128+F{r}-64*INT(F{r}/64)))",
    ),
)
_PASS = (
    ("token", "of the bytes from this row on", "token"),
    ("rank", "of its merge with the next", "rank"),
    ("best of word", "is merged, lit here", "rank"),
    ("id", "of the token", "symbol"),
    ("next", "byte of the next token; {end}: none", "whole"),
    ("row", "of the pair on Merges", "whole"),
)
_WIDTHS = (11.0, 7.5, 7.5, 6.5, 6.5, 7.0, 2.0)  # of the columns of a pass


def byte_pair_passes(book: Book, limits: Limits) -> None:
    """The sheet; names merged.ids, merged.counts (tokens so far) and merged.ranks (of pairs left over), [n, 1]."""
    words = (
        "in every pass each word merges the pair of neighbours with the lowest rank in the table of merges: it is lit"
    )
    sheet = page(book, "Byte_Pair_Passes", limits.bytes, "From bytes to tokens", words, "input").sheet
    last = _TOP + limits.bytes - 1
    sheet.look.widths = {(1, 1): 8, (2, 2): 14, (3, 3): 9, (4, len(_BYTES)): 6.5, (len(_BYTES) + 1, _FIRST - 1): 2}
    sheet.look.freeze = (_TOP, _READ + 1)
    caption(sheet, _HEADS - 1, 1, len(_BYTES), "Bytes of the words")
    headings(sheet, _HEADS, 1, [column[:2] for column in _BYTES], range(_READ, len(_BYTES)), lines=2)
    _column(sheet, [column[2:] for column in _BYTES], 1, last, {})
    sheet.put(Rect(_TOP, 1, last, 1), np.arange(1.0, limits.bytes + 1)[:, None])
    end = [limits.bytes + 1.0, "no more bytes", 0, 0, 0, -1, -1]
    sheet.put(Rect(last + 1, 1, last + 1, 7), np.array([end], dtype=object), "no_character")
    _mark(sheet, Rect(_TOP, 1, last, len(_BYTES)))
    book.define("bytes.table", sheet.name, Rect(_TOP, 2, last, len(_BYTES)))
    for number in range(1, limits.passes + 2):
        _pass(sheet, number, limits, last)
        left = _FIRST + (number - 1) * _WIDTH
        name = f"passes.{number:02d}" if number <= limits.passes else "passes.result"
        book.define(name, sheet.name, Rect(_TOP, left, last, left + len(_PASS) - 1))
    _result(book, sheet, limits, last)


def _pass(sheet: Sheet, number: int, limits: Limits, last: int) -> None:
    """The columns of one pass: the tokens it begins with, and which pair of each word it merges."""
    left, is_result = _FIRST + (number - 1) * _WIDTH, number > limits.passes
    here = dict(zip("svmink", map(column_letters, range(left, left + 6)), strict=True))
    before = {f"p{name}": column_letters(left + k - _WIDTH) for k, name in enumerate("svmink")} if number > 1 else {}
    rows = {"top": str(_TOP), "last": str(last), "end": str(last + 1)}
    names = here | before | rows | {"key": str(KEY), "none": str(NONE)}
    caption(sheet, _HEADS - 1, left, left + 5, "Result: nothing is left to merge" if is_result else f"Pass {number}")
    heads = [(head, words.format(end=limits.bytes + 1)) for head, words, _ in _PASS]
    headings(sheet, _HEADS, left, heads, range(3, 6), lines=2)
    shown, *begin = _BEGIN if number == 1 else _MERGE
    row, rank, best = _PAIR
    formulas = (shown, rank, "" if is_result else best, *begin, row)
    _column(sheet, [(style, text) for (_, _, style), text in zip(_PASS, formulas, strict=True)], left, last, names)
    sheet.put(Rect(last + 1, left + 3, last + 1, left + 4), np.array([[-1.0, limits.bytes + 1]]))
    sheet.look.styles.append((Rect(last + 1, left, last + 1, left + 5), "no_character"))
    sheet.look.widths |= {(left + k, left + k): width for k, width in enumerate(_WIDTHS)}
    token, ranks, rest = (Rect(_TOP, left + a, last, left + b) for a, b in ((0, 0), (1, 2), (3, 5)))
    wins, leaves = (text.format(r=_TOP, **{k: f"${v}" for k, v in here.items()}) for text in (_LIT, _LEAVES))
    some = f"${here['m']}{_TOP}<{NONE}"
    _mark(sheet, token, "" if is_result else f"AND({some},OR({wins},{leaves}))")
    gone = f"${here['i']}{_TOP}<0"
    _mark(sheet, ranks, "" if is_result else f"AND({some},{wins})", gone)
    _mark(sheet, rest, gone=gone)


_LIT = "{v}{r}={m}{r}"
_LEAVES = f"$A{{r}}=({{m}}{{r}}-INT({{m}}{{r}}))*{_PLACES}"


def _mark(sheet: Sheet, rect: Rect, lit: str = "", gone: str = "") -> None:
    """Light up a pair; leave rows without a byte blank; shade every other word; make pale what merging has taken."""
    word = f"$C{rect.top}"
    sheet.look.tints += [(rect, lit, "pair")] if lit else []
    sheet.look.tints.append((rect, f"{word}=0", "beyond"))
    sheet.look.tints += [(rect, f"AND({gone},{odd(word)})", "gone_band"), (rect, gone, "gone")] if gone else []
    sheet.look.tints.append((rect, odd(word), "band"))


_SHOWN = 'IF({i}{r}<0,"",INDEX(vocabulary.shown,{i}{r}+1))'
_WINS = "({pv}{r}={pm}{r})*({pm}{r}<{none})"
_BEGIN: tuple[str, ...] = (_SHOWN, "IF(G{r}<0,-1,INDEX(bytes.ids,G{r}+1))", "IF(C{below}=C{r},A{below},$A${end})")
_MERGE: tuple[str, ...] = (
    _SHOWN,
    f"IF({_WINS},INDEX(merges.merged,{{pk}}{{r}}),IF($A{{r}}=({{pm}}{{r}}-INT({{pm}}{{r}}))*{_PLACES},-1,{{pi}}{{r}}))",
    f"IF({_WINS},INDEX({{pn}}${{top}}:{{pn}}${{end}},{{pn}}{{r}}),{{pn}}{{r}})",
)
_KEY = "{i}{r}*{key}+INDEX({i}${top}:{i}${end},{n}{r})"
_PAIR = (
    f"MATCH({_KEY},merges.keys,1)",
    f"IF(INDEX(merges.keys,{{k}}{{r}})={_KEY},INDEX(merges.ranks,{{k}}{{r}})+{{n}}{{r}}/{_PLACES},{{none}})",
    "MIN({v}${top}:{v}${last}+ABS($C${top}:$C${last}-$C{r})*{none})",
)


def _column(sheet: Sheet, columns: Sequence[tuple[str, ...]], left: int, last: int, names: dict[str, str]) -> None:
    """Style and formulas of columns, one formula a row."""
    for column, (style, formula) in enumerate(columns, left):
        for row in range(_TOP, last + 1) if formula else ():
            text = formula.format(**names | {"r": str(row), "below": str(row + 1)})
            sheet.put_formula(at(row, column), text)
        sheet.look.styles.append((Rect(_TOP, column, last, column), style))


def _result(book: Book, sheet: Sheet, limits: Limits, last: int) -> None:
    left = _FIRST + limits.passes * _WIDTH
    ranks, counts, ids = (Rect(_TOP, column, last, column) for column in (left + 1, left + 2, left + 3))
    letter = column_letters(ids.left)
    headings(sheet, _HEADS, counts.left, [("tokens", "so far")], lines=2)
    for row in range(_TOP, last + 1):
        sheet.put_formula(at(row, counts.left), f'COUNTIF({letter}${_TOP}:{letter}{row},">=0")', "whole")
    for name, rect in (("ids", ids), ("ranks", ranks), ("counts", counts)):
        book.define(f"merged.{name}", sheet.name, rect)
