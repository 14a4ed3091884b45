"""Detokenization, the sheet Tokens_to_Text: predicted tokens joined byte by byte, as UTF-8 is read.

A token is a piece of bytes and may end in the middle of a character. Most tokens are whole characters; those
that are not stand in a small table beside the vocabulary, cut in three: bytes that may finish a character begun
before, whole characters, and the beginning of a character. A character begun is kept as two numbers: its code
point so far and how many bytes it lacks. What never becomes a character is shown as U+FFFD, one for each longest
piece that might have become one, as Python and the `tokenizers` library show it (Unicode, chapter 3.9, table 3-8).
"""

from __future__ import annotations

import codecs

import numpy as np

from sheetgpt.book.address import Rect, at, column_letters
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.tokenizer import Tokenizer, show_token
from sheetgpt.layout.headings import caption, headings
from sheetgpt.layout.lookup_tables import KEY
from sheetgpt.layout.page import TITLE_ROWS, Region, page
from sheetgpt.layout.tensors import FIRST_ROW

_LEFT = 6  # first column of the table of pieces on Vocabulary
_FINISHING = 3  # a character of four bytes lacks at most so many
_TOP = TITLE_ROWS + 4
UNKNOWN = "_xlfn.UNICHAR(65533)"

Piece = tuple[list[int], str, int, int]


def piece_of(data: bytes) -> Piece:
    """Bytes of a token -> bytes that may finish a character, whole text, then code point so far and bytes lacking."""
    count = 0
    while count < min(_FINISHING, len(data)) and 0x80 <= data[count] < 0xC0:
        count += 1
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data[count:])
    number, left = first_bytes(decoder.getstate()[0])
    return [*data[:count], *[-1] * (_FINISHING - count)], text, number, left


def first_bytes(data: bytes) -> tuple[int, int]:
    """The first bytes of a character -> its code point so far, and how many bytes it lacks; (0, 0) for none."""
    if not data:
        return 0, 0
    size = 2 + (data[0] >= 0xE0) + (data[0] >= 0xF0)
    number = data[0] & (0x7F >> size)
    for byte in data[1:]:
        number = number * 64 + byte - 128
    return number, size - len(data)


def pieces(book: Book, tokenizer: Tokenizer | None) -> None:
    """Beside the vocabulary, the tokens that are no whole characters, by id; the first row stands for all others."""
    sheet = book.sheets["Vocabulary"]
    rows: list[tuple[int, str | None, Piece]] = [(-1, None, ([-1] * _FINISHING, "", 0, 0))]
    for token in range(len(tokenizer) if tokenizer else 0):
        data = tokenizer.token_bytes(token) if tokenizer else b""
        piece = piece_of(data)
        if piece[0][0] >= 0 or piece[3]:
            rows.append((token, show_token(tokenizer, token), piece))
    if len(rows) == 1:  # IronCalc's MATCH finds nothing in a table of one row
        rows.append((KEY, None, rows[0][2]))
    heads = ("id", "in part", "finishes", "", "", "text", "begins", "lacks")
    table = np.empty((len(rows), len(heads)), dtype=object)
    for row, (token, look, (finishing, text, number, left)) in enumerate(rows):
        table[row] = [token, look, *finishing, text or None, number, left]
    rect = Rect(FIRST_ROW, _LEFT, FIRST_ROW + len(rows) - 1, _LEFT + len(heads) - 1)
    sheet.put(rect, table, "weight_whole")
    for column, head in enumerate(heads, _LEFT):
        sheet.put(at(FIRST_ROW - 1, column), head or None, "heading")
    for column, style in ((_LEFT + 1, "token"), (_LEFT + 2 + _FINISHING, "text")):
        sheet.look.styles.append((Rect(rect.top, column, rect.bottom, column), style))
    sheet.look.widths |= {(5, 5): 3, (_LEFT + 1, _LEFT + 1): 18, (_LEFT + 5, _LEFT + 5): 12}
    for name, first, last in (("ids", 0, 0), ("finishing", 2, 4), ("text", 5, 5), ("number", 6, 6), ("left", 7, 7)):
        book.define(f"pieces.{name}", sheet.name, Rect(rect.top, _LEFT + first, rect.bottom, _LEFT + last))


_BYTE = (
    ("byte {k}", "of the token", "symbol"),
    ("fits", "1: goes on, 0: cannot", "symbol"),
    ("so far", "its code point", "whole"),
    ("lacks", "bytes", "whole"),
    ("text", "made", "token"),
)
_COLUMNS = (
    # heading, words on it, style
    ("position", "that predicts it", "position"),
    ("next token", "made visible", "token"),
    ("lacks", "bytes of a character begun", "whole"),
    ("adds", "text of this token", "token"),
    ("text so far", "of the tokens after the prompt; a character that is only begun is left out", "output_wrapped"),
    ("id", "of the token", "whole"),
    ("piece", "row beside Vocabulary; 1: whole", "whole"),
    ("so far", "its code point", "whole"),
    ("lacks", "bytes", "whole"),
    *((head.format(k=k), words, style) for k in range(1, _FINISHING + 1) for head, words, style in _BYTE),
    ("whole", "characters", "token"),
    ("goes on", "1: more bytes come", "whole"),
    ("so far", "its code point", "whole"),
)
_READ = 5  # columns that people read; the others are for formulas
_BYTES = 10  # column of the first byte that may finish a character
_CAPTIONS = (
    (1, 2, "Tokens that come next"),
    (3, 5, "Their text"),
    (6, 7, "The token"),
    (8, 9, "Begun before"),
    *((_BYTES + 5 * k, _BYTES + 4 + 5 * k, f"Byte {k + 1} that may finish it") for k in range(_FINISHING)),
    (25, 27, "The rest of the token"),
)
_WORDS = (
    "Most tokens are whole characters: piece is 1, and the columns for bytes are pale.",
    "Lacks, so far: a character that is not complete: how many bytes it lacks, and its code point so far.",
    "Fits: a byte that cannot go on with the character makes what was begun U+FFFD, shown as \ufffd.",
    "A character still begun when other bytes come is never completed. At the end it is shown as U+FFFD elsewhere.",
)


def tokens_to_text(book: Book, rows: int, ids: Region) -> Region:
    """The sheet; `ids` [n, 1] are the tokens predicted in each row. Returns its columns "lacks" and "text so far"."""
    words = "bytes of tokens become characters, also where a character is split over tokens"
    this = page(book, "Tokens_to_Text", rows, "From tokens to text", words, "output")
    sheet, last = this.sheet, _TOP + rows - 1
    sheet.look.widths = {(1, 1): 9, (2, 2): 19, (3, 3): 9, (4, 4): 14, (5, 5): 44, (6, len(_COLUMNS)): 9}
    sheet.look.freeze = (_TOP, 3)
    for left, right, title in _CAPTIONS:
        caption(sheet, _TOP - 3, left, right, title)
    headings(sheet, _TOP - 2, 1, [column[:2] for column in _COLUMNS], range(_READ, len(_COLUMNS)))
    for column, (_, _, style) in enumerate(_COLUMNS, 1):
        sheet.look.styles.append((Rect(_TOP, column, last, column), style))
    sheet.put(Rect(_TOP, 1, last, 1), np.arange(1.0, rows + 1)[:, None])
    for t in range(rows):
        _row(sheet, _TOP + t, this.ref(ids.sheet, ids.row(t)), t == 0)
    for row, note in enumerate(_WORDS, last + 2):
        sheet.put(at(row, 3), note, "note")
    begun = Rect(_TOP, 8, last, _BYTES + 5 * _FINISHING - 1)
    sheet.look.tints.append((begun, f"AND($G{_TOP}=1,$I{_TOP}=0)", "gone"))
    book.define("joined.table", sheet.name, Rect(_TOP, 2, last, len(_COLUMNS)))
    return Region(sheet.name, Rect(_TOP, 3, last, 5))


def _row(sheet: Sheet, r: int, token: str, is_first: bool) -> None:
    """One token: what was begun before it, up to three bytes that may finish that, and what else it holds."""
    before = ("0", "0", '""') if is_first else (f"AA{r - 1}", f"C{r - 1}", f"E{r - 1}")
    cells = []
    number, lacks = f"H{r}", f"I{r}"
    for k in range(_FINISHING):
        byte, fits, *state = (f"{column_letters(_BYTES + 5 * k + j)}{r}" for j in range(4))
        cells += [f"INDEX(pieces.finishing,G{r},{k + 1})", *_byte(byte, fits, number, lacks)]
        number, lacks = state
    goes_on = f"(Z{r}=1)*({lacks}>0)"
    formulas = [
        f"INDEX(vocabulary.shown,F{r}+1)",
        f"IF(Z{r}=1,INDEX(pieces.left,G{r}),{lacks})",
        f'N{r}&S{r}&X{r}&IF({goes_on},{UNKNOWN},"")&Y{r}',
        f'IF(A{r}<prompt.length,"",IF(A{r}=prompt.length,"",{before[2]})&D{r})',
        token,
        f"IF(INDEX(pieces.ids,MATCH(F{r},pieces.ids,1))=F{r},MATCH(F{r},pieces.ids,1),1)",
        *(f"IF(A{r}<=prompt.length,0,{cell})" for cell in before[:2]),
        *cells,
        f'IF(G{r}=1,INDEX(vocabulary.text,F{r}+1)&"",INDEX(pieces.text,G{r})&"")',
        f"IF(LEN(Y{r})+INDEX(pieces.left,G{r})>0,1,0)",
        f"IF(Z{r}=1,INDEX(pieces.number,G{r}),{number})",
    ]
    for column, formula in enumerate(formulas, 2):
        sheet.put_formula(at(r, column), formula)


def _byte(byte: str, fits: str, number: str, lacks: str) -> tuple[str, str, str, str]:
    """The formulas for one byte: does it fit, code point so far, bytes lacking, and the character or U+FFFD.

    The second byte of a character must leave a code point that needs so many bytes, is no surrogate and not beyond
    U+10FFFF; a character of three bytes has less than 16 so far when it lacks two, one of four bytes has more.
    """
    joined = f"({number}*64+{byte}-128)"
    four = f"AND({lacks}=3,OR({joined}<16,{joined}>271))"
    three = f"AND({lacks}=2,{number}<16,OR({joined}<32,AND({joined}>863,{joined}<896)))"
    character = f"IF({joined}-65536*INT({joined}/65536)>65533,{UNKNOWN},_xlfn.UNICHAR({joined}))"
    return (
        f"IF({byte}<0,-1,IF(OR({lacks}=0,{four},{three}),0,1))",
        f"IF({fits}<0,{number},IF({fits}*({lacks}>1),{joined},0))",
        f"IF({fits}<0,{lacks},IF({fits}=1,{lacks}-1,0))",
        f'IF({fits}<0,"",IF({fits}=0,REPT({UNKNOWN},1+({lacks}>0)),IF({lacks}>1,"",{character})))',
    )
