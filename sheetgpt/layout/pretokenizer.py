"""Pre-tokenization, the sheet Prompt_to_Words: characters, and the words of GPT-2's split.

    's|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+

No formula walks along the text. Whether a word begins at a character follows from the character, its class,
and at most three neighbours on either side:

* white space begins a word where its run begins, and once more at the run's last character if something follows
  it: a space then joins the word behind it, anything else stands alone;
* any other character begins a word where the class changes, except behind a space, which it joins;
* an apostrophe that begins a word and has s, t, m, d, re, ve or ll behind it (lower case) ends its word with these
  letters, whatever follows.

Excel counts UTF-16 units, other programs code points. UNICODE(MID(text,i,2)) is the whole character in both; a
program that counts units then sees the second half of the same character at i+1, and that row is left out.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.layout.headings import caption, headings, odd
from sheetgpt.layout.page import page
from sheetgpt.schema.prompt_limits import Limits

_BEFORE, _AFTER = 3, 2  # rows of no character, so that the formulas need no exceptions at the ends
_HEADS = 4  # row of the headings
_TOP = _HEADS + 2 + _BEFORE  # first row of a character

_COLUMNS = (
    # heading, words on it, style, formula of row {0} ({-1} is the row above); {first} and {last} row of the text
    ("position", "in the text", "position", ""),
    (
        "character",
        "· is a space",
        "token",
        'IF(I{0}<33,IF(I{0}=32,"·",""),'
        'IF((I{0}-65536*INT(I{0}/65536)>65533)+(I{0}>126)*(I{0}<160),"",IFERROR(_xlfn.UNICHAR(I{0}),"")))',
    ),
    (
        "class",
        "a new word begins where it changes",
        "words",
        'CHOOSE(J{0}+1,"","letter","number","white space","other")',
    ),
    ("word", "tokens never cross words", "whole", "SUM(L${first}:L{0})"),
    (
        "number there",
        "the code point at this position",
        "symbol",
        "IF(A{0}>LEN(prompt.text),-1,IFERROR(_xlfn.UNICODE(MID(prompt.text,A{0},2)),-1))",
    ),
    ("half left out", "in Excel an emoji has two positions", "symbol", "IF((E{0}>=56320)*(E{0}<=57343),-1,E{0})"),
    ("characters", "so far", "whole", 'COUNTIF(F${first}:F{0},">=0")'),
    ("its row", "where this character stands", "symbol", "IFERROR(MATCH(A{0},G${first}:G${last},0),0)"),
    ("code point", "of this character", "symbol", "IF(H{0}=0,-1,INDEX(F${first}:F${last},H{0}))"),
    (
        "class number",
        "1 letter, 2 number, 3 space, 4 other",
        "symbol",
        "INDEX(unicode.classes,MATCH(I{0},unicode.starts,1))",
    ),
    (
        "contraction",
        "2: 's 't 'm 'd\n3: 're 've 'll\nare words",
        "symbol",
        "IF((I{0}=39)*(J{-1}<>4)*(I{-1}<>32),"
        "IF((I{1}=115)+(I{1}=116)+(I{1}=109)+(I{1}=100),2,"
        "IF((I{1}=114)*(I{2}=101)+(I{1}=118)*(I{2}=101)+(I{1}=108)*(I{2}=108),3,0)),0)",
    ),
    (
        "begins",
        "1 where a word begins",
        "symbol",
        "IF(J{0}=0,0,IF(J{0}=3,IF(J{-1}<>3,1,(J{1}<>3)*(J{1}<>0)),"
        "IF(K{-1}>0,0,IF((K{-2}=2)+(K{-3}=3),1,(I{-1}<>32)*(J{0}<>J{-1})))))",
    ),
    ("bytes", "of UTF-8", "symbol", "IF(I{0}<0,0,1+(I{0}>127)+(I{0}>2047)+(I{0}>65535))"),
    ("first byte", "counted from the beginning", "whole", "SUM(M${first}:M{0})-M{0}+1"),
)
_READ = 4  # columns that people read; the others are for formulas
_CAPTIONS = (
    (1, 4, "Characters and words"),
    (5, 9, "The code points of the text"),
    (10, 12, "Where words begin"),
    (13, 14, "Bytes"),
)
_NAMES = {"code": 9, "shown": 2, "word": 4, "bytes": 13, "first_byte": 14}  # name -> column


def prompt_to_words(book: Book, limits: Limits) -> None:
    """The sheet; names its columns words.code, words.shown, words.word, words.bytes and words.first_byte, [n, 1]."""
    words = "a word begins where the class of characters changes; a single space goes with the word behind it"
    sheet = page(book, "Prompt_to_Words", limits.characters, "From text to words", words, "input").sheet
    first, last = _TOP, _TOP + limits.characters - 1
    sheet.look.widths = {(1, 1): 10, (2, 2): 12, (3, 3): 12, (4, 4): 8, (5, len(_COLUMNS)): 10}
    sheet.look.freeze = (_HEADS + 2, _READ + 1)
    for left, right, title in _CAPTIONS:
        caption(sheet, _HEADS - 1, left, right, title)
    headings(sheet, _HEADS, 1, [column[:2] for column in _COLUMNS], range(_READ, len(_COLUMNS)))
    for column, (_, _, style, formula) in enumerate(_COLUMNS, 1):
        for row in range(first, last + 1) if formula else ():
            sheet.put_formula(at(row, column), _fill(formula, row, first, last))
        sheet.look.styles.append((Rect(first, column, last, column), style))
    sheet.put(Rect(first, 1, last, 1), np.arange(1.0, limits.characters + 1)[:, None])
    _edges(sheet, first, last)
    text = Rect(first, 1, last, len(_COLUMNS))
    sheet.look.tints += [(text, f"$I{first}<0", "beyond"), (text, odd(f"$D{first}"), "band")]
    book.define("words.table", sheet.name, Rect(first, 2, last, len(_COLUMNS)))
    for name, column in _NAMES.items():
        book.define(f"words.{name}", sheet.name, Rect(first, column, last, column))


def _fill(formula: str, row: int, first: int, last: int) -> str:
    for offset in range(-_BEFORE, _AFTER + 1):
        formula = formula.replace(f"{{{offset}}}", str(row + offset))
    return formula.replace("{first}", str(first)).replace("{last}", str(last))


def _edges(sheet: Sheet, first: int, last: int) -> None:
    """Rows before and after the text: no character, no class, no contraction; a few words say why they are there."""
    for top, bottom, where in ((first - _BEFORE, first - 1, "before"), (last + 1, last + _AFTER, "after")):
        sheet.look.styles.append((Rect(top, 1, bottom, len(_COLUMNS)), "no_character"))
        sheet.put(at(top, 1), f"{where} the text: rows without a character")
        sheet.put(Rect(top, 9, bottom, 9), -1.0)
        sheet.put(Rect(top, 10, bottom, 11), 0.0)
        sheet.look.heights |= {row: 13.0 if row == top else 6.0 for row in range(top, bottom + 1)}
