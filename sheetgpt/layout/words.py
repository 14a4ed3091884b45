"""Prompt_to_Words: the text cut into characters, and the characters into words, as GPT-2's split does.

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

from sheetgpt.address import Rect, at
from sheetgpt.book import Book, Sheet
from sheetgpt.layout.page import page
from sheetgpt.limits import Limits

_BEFORE, _AFTER = 3, 2  # rows of no character, so that the formulas need no exceptions at the ends
_TOP = 5 + _BEFORE  # first row of a character

_COLUMNS = (
    # heading, style, formula of row {0} ({-1} is the row above); {first} and {last} row of the text
    ("position", "position", ""),
    ("number there", "symbol", "IF(A{0}>LEN(prompt.text),-1,IFERROR(_xlfn.UNICODE(MID(prompt.text,A{0},2)),-1))"),
    ("half left out", "symbol", "IF((B{0}>=56320)*(B{0}<=57343),-1,B{0})"),
    ("characters", "whole", 'COUNTIF(C${first}:C{0},">=0")'),
    ("its row", "symbol", "IFERROR(MATCH(A{0},D${first}:D${last},0),0)"),
    ("code point", "symbol", "IF(E{0}=0,-1,INDEX(C${first}:C${last},E{0}))"),
    ("character", "token", 'IF(F{0}<33,IF(F{0}=32,"·",""),'
     'IF((F{0}-65536*INT(F{0}/65536)>65533)+(F{0}>126)*(F{0}<160),"",IFERROR(_xlfn.UNICHAR(F{0}),"")))'),
    ("class", "symbol", "INDEX(unicode.classes,MATCH(F{0},unicode.starts,1))"),
    ("contraction", "symbol", "IF((F{0}=39)*(H{-1}<>4)*(F{-1}<>32),"
     "IF((F{1}=115)+(F{1}=116)+(F{1}=109)+(F{1}=100),2,"
     "IF((F{1}=114)*(F{2}=101)+(F{1}=118)*(F{2}=101)+(F{1}=108)*(F{2}=108),3,0)),0)"),
    ("begins", "symbol", "IF(H{0}=0,0,IF(H{0}=3,IF(H{-1}<>3,1,(H{1}<>3)*(H{1}<>0)),"
     "IF(I{-1}>0,0,IF((I{-2}=2)+(I{-3}=3),1,(F{-1}<>32)*(H{0}<>H{-1})))))"),
    ("word", "whole", "SUM(J${first}:J{0})"),
    ("bytes", "symbol", "IF(F{0}<0,0,1+(F{0}>127)+(F{0}>2047)+(F{0}>65535))"),
    ("first byte", "whole", "SUM(L${first}:L{0})-L{0}+1"),
)  # fmt: skip

_CAPTIONS = (
    (1, 4, "The text, position by position"),
    (5, 8, "Characters and their classes"),
    (9, 11, "Words"),
    (12, 13, "Bytes of UTF-8"),
)

_WORDS = (
    "Position: one number for each position in the text (-1, not shown, beyond its end). In Excel an emoji has two.",
    "Classes: 1 letter, 2 number, 3 white space, 4 anything else; the sheet Unicode says which characters are which.",
    "Contraction: 's 't 'm 'd (2 characters) and 're 've 'll (3) are words of their own. Lower case only.",
    "A word begins (1) where the class changes; a single space goes with the word behind it.",
    "Bytes: how many the character has in UTF-8, and the number of its first one among all bytes of the text.",
    "<|endoftext|> in the text is thirteen characters like any others, not the special token.",
)


def prompt_to_words(book: Book, limits: Limits) -> None:
    """The sheet; names its columns words.code, words.shown, words.word, words.bytes and words.first_byte, [n, 1]."""
    words = "the prompt, character by character, cut into words as GPT-2 does; tokens never cross words"
    sheet = page(book, "Prompt_to_Words", limits.characters, "From text to words", words, "input").sheet
    first, last = _TOP, _TOP + limits.characters - 1
    sheet.look.widths = {(1, 13): 11, (14, 14): 3, (15, 15): 100}
    sheet.look.freeze = (_TOP, 2)
    for left, right, title in _CAPTIONS:
        sheet.put(at(3, left), title)
        sheet.look.styles.append((Rect(3, left, 3, right), "caption"))
    for column, (heading, style, formula) in enumerate(_COLUMNS, 1):
        sheet.put(at(4, column), heading, "heading_center")
        for row in range(first, last + 1) if formula else ():
            sheet.put_formula(at(row, column), _filled(formula, row, first, last))
        sheet.look.styles.append((Rect(first, column, last, column), style))
    sheet.put(Rect(first, 1, last, 1), np.arange(1.0, limits.characters + 1)[:, None])
    _edges(sheet, first, last)
    for row, note in enumerate(_WORDS, 4):
        sheet.put(at(row, 15), note, "note")
    book.define("words.table", sheet.name, Rect(first, 2, last, len(_COLUMNS)))
    for column, name in ((6, "code"), (7, "shown"), (11, "word"), (12, "bytes"), (13, "first_byte")):
        book.define(f"words.{name}", sheet.name, Rect(first, column, last, column))


def _filled(formula: str, row: int, first: int, last: int) -> str:
    for offset in range(-_BEFORE, _AFTER + 1):
        formula = formula.replace(f"{{{offset}}}", str(row + offset))
    return formula.replace("{first}", str(first)).replace("{last}", str(last))


def _edges(sheet: Sheet, first: int, last: int) -> None:
    """Rows before and after the text: no character, no class, no contraction."""
    for top, bottom in ((first - _BEFORE, first - 1), (last + 1, last + _AFTER)):
        sheet.put(Rect(top, 6, bottom, 6), -1.0)
        sheet.put(Rect(top, 8, bottom, 9), 0.0)
        sheet.look.styles.append((Rect(top, 1, bottom, len(_COLUMNS)), "future"))
