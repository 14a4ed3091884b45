"""Tokens_to_Text: the tokens that the sheet predicts, joined byte by byte, as UTF-8 is read.

A token is a piece of bytes and may end in the middle of a character. Most tokens are whole characters; those
that are not stand in a small table beside the vocabulary, cut in three: bytes that may finish a character begun
before, whole characters, and the beginning of a character. A character begun is kept as two numbers: its code
point so far and how many bytes it lacks. What never becomes a character is shown as U+FFFD, one for each longest
piece that might have become one, as Python and the `tokenizers` library show it (Unicode, chapter 3.9, table 3-8).
"""

from __future__ import annotations

import codecs

import numpy as np

from sheetgpt.address import Rect, at, column_letters
from sheetgpt.book import Book, Sheet
from sheetgpt.layout.data import FIRST_ROW
from sheetgpt.layout.lookup import KEY
from sheetgpt.layout.page import TITLE_ROWS, Region, page
from sheetgpt.tokenizer import Tokenizer, shown

_LEFT = 6  # first column of the table of pieces on Vocabulary
_FINISHING = 3  # a character of four bytes lacks at most so many
_TOP = TITLE_ROWS + 3
UNKNOWN = "_xlfn.UNICHAR(65533)"

Piece = tuple[list[int], str, int, int]


def piece_of(data: bytes) -> Piece:
    """Bytes of a token -> bytes that may finish a character, whole text, then code point so far and bytes lacking."""
    count = 0
    while count < min(_FINISHING, len(data)) and 0x80 <= data[count] < 0xC0:
        count += 1
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data[count:])
    number, left = begun(decoder.getstate()[0])
    return [*data[:count], *[-1] * (_FINISHING - count)], text, number, left


def begun(data: bytes) -> tuple[int, int]:
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
            rows.append((token, shown(tokenizer, token), piece))
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


_HEADS = (
    "position", "next token", "id", "piece", "so far", "lacks",
    *(head for k in range(1, _FINISHING + 1) for head in (f"byte {k}", "fits", "so far", "lacks", "text")),
    "whole", "goes on", "so far", "lacks", "adds", "text so far",
)  # fmt: skip
_STYLES = ("position", "token", *["whole"] * 4, *["symbol", "symbol", "whole", "whole", "token"] * _FINISHING,
           "token", "whole", "whole", "whole", "token", "output")  # fmt: skip
_CAPTIONS = (
    (1, 4, "Tokens that come next"),
    (5, 6, "Begun before"),
    *((7 + 5 * k, 11 + 5 * k, f"Byte {k + 1} that may finish it") for k in range(_FINISHING)),
    (22, 23, "The rest of it"),
    (24, 25, "Left begun"),
    (26, 27, "Text"),
)
_WORDS = (
    "Piece: the row of the token in the table beside the Vocabulary; 1: the token is whole characters.",
    "So far, lacks: a character that is not complete: its code point so far, and how many bytes it lacks.",
    "Fits: 1 where the byte goes on with the character, 0 where it cannot (shown as U+FFFD), none without a byte.",
    "Goes on: 1 where other bytes come behind these; a character that is not complete by then never will be.",
    "Text so far: of the tokens after the prompt. A character still begun at its end is shown as U+FFFD elsewhere.",
)


def tokens_to_text(book: Book, rows: int, ids: Region) -> Region:
    """The sheet; `ids` [n, 1] are the tokens predicted in each row. Returns its columns "lacks" and "text so far"."""
    words = "bytes of tokens become characters, also where a character is split over tokens"
    this = page(book, "Tokens_to_Text", rows, "From tokens to text", words, "output")
    sheet, last = this.sheet, _TOP + rows - 1
    sheet.look.widths = {(1, 1): 8, (2, 2): 16, (3, 25): 8, (26, 26): 14, (27, 27): 60}
    sheet.look.freeze = (_TOP, 3)
    for left, right, title in _CAPTIONS:
        sheet.put(at(_TOP - 2, left), title)
        sheet.look.styles.append((Rect(_TOP - 2, left, _TOP - 2, right), "caption"))
    for column, (head, style) in enumerate(zip(_HEADS, _STYLES, strict=True), 1):
        sheet.put(at(_TOP - 1, column), head, "heading" if style == "output" else "heading_center")
        sheet.look.styles.append((Rect(_TOP, column, last, column), style))
    sheet.put(Rect(_TOP, 1, last, 1), np.arange(1.0, rows + 1)[:, None])
    for t in range(rows):
        _row(sheet, _TOP + t, this.ref(ids.sheet, ids.row(t)), t == 0)
    for row, note in enumerate(_WORDS, last + 2):
        sheet.put(at(row, 2), note, "note")
    book.define("joined.table", sheet.name, Rect(_TOP, 2, last, len(_HEADS)))
    return Region(sheet.name, Rect(_TOP, 25, last, 27))


def _row(sheet: Sheet, r: int, token: str, is_first: bool) -> None:
    """One token: what was begun before it, up to three bytes that may finish that, and what else it holds."""
    before = ("0", "0", '""') if is_first else (f"X{r - 1}", f"Y{r - 1}", f"AA{r - 1}")
    formulas = [
        f"INDEX(vocabulary.shown,C{r}+1)",
        token,
        f"IF(INDEX(pieces.ids,MATCH(C{r},pieces.ids,1))=C{r},MATCH(C{r},pieces.ids,1),1)",
        *(f"IF(A{r}<=prompt.length,0,{cell})" for cell in before[:2]),
    ]
    number, lacks = f"E{r}", f"F{r}"
    for k in range(_FINISHING):
        byte, fits, *state = (f"{column_letters(7 + 5 * k + j)}{r}" for j in range(4))
        formulas += [f"INDEX(pieces.finishing,D{r},{k + 1})", *_byte(byte, fits, number, lacks)]
        number, lacks = state
    goes_on = f"(W{r}=1)*({lacks}>0)"
    formulas += [
        f'IF(D{r}=1,INDEX(vocabulary.text,C{r}+1)&"",INDEX(pieces.text,D{r})&"")',
        f"IF(LEN(V{r})+INDEX(pieces.left,D{r})>0,1,0)",
        f"IF(W{r}=1,INDEX(pieces.number,D{r}),{number})",
        f"IF(W{r}=1,INDEX(pieces.left,D{r}),{lacks})",
        f'K{r}&P{r}&U{r}&IF({goes_on},{UNKNOWN},"")&V{r}',
        f'IF(A{r}<prompt.length,"",IF(A{r}=prompt.length,"",{before[2]})&Z{r})',
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
