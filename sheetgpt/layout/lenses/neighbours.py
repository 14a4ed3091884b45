"""On the sheet `Embedding_Map`: cosines of two tokens, of one with all others, and of an analogy with all."""

from __future__ import annotations

from sheetgpt.book.address import Rect, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.page import typed_token

WORKING = 19  # first column of what has a row for each token, right of the first screen
NEAREST, ANSWERS = 10, 5  # tokens listed
FIRST = 8  # row of token 0 there
_LEFT = 14  # first column of the two lists, and before it their labels
_COLUMNS = {"all_shown": 0, "norms": 1, "cosines": 2, "analogy_cosines": 3}


def cosine(x: object, y: object) -> str:
    """A formula for the cosine of two rows; 0 where one of them is 0."""
    return f"IF(SUMSQ({x})*SUMSQ({y})>0,SUM({x}*{y})/SQRT(SUMSQ({x})*SUMSQ({y})),0)"


def token_of_choice(book: Book, sheet: Sheet, cell: Rect, name: str, vocabulary: int) -> None:
    """An id as typed, in use, and its token, side by side: names embeddings.typed_NAME, NAME, NAME_shown."""
    sheet.put(cell, None, "input_number")
    used, shown = cell.shift(columns=1), cell.shift(columns=2)
    sheet.put_formula(used, typed_token(cell, vocabulary, "0"), "whole")
    sheet.put_formula(shown, f"INDEX(vocabulary.shown,embeddings.{name}+1)", "token")
    for kind, place in ((f"typed_{name}", cell), (name, used), (f"{name}_shown", shown)):
        book.define(f"embeddings.{kind}", sheet.name, place)


def pair(book: Book, sheet: Sheet, top: int, vocabulary: int) -> None:
    """The cosine of two tokens of choice."""
    for row, name in enumerate(("first", "second"), top):
        sheet.put(at(row, 1), "Cosine of" if row == top else "and", "heading")
        token_of_choice(book, sheet, at(row, 2), name, vocabulary)
    x, y = (f"INDEX(wte.weight,embeddings.{name}+1,0)" for name in ("first", "second"))
    sheet.put(at(top, 5), "cosine", "side")
    sheet.put_formula(at(top + 1, 5), cosine(x, y), "effect", array=True)
    book.define("embeddings.cosine", sheet.name, at(top + 1, 5))


def norms(book: Book, sheet: Sheet, config: Config) -> None:
    """The length of every row of wte, each by itself: so a changed weight changes one cell."""
    place, rect = book.locate("wte.weight")
    for token in range(config.vocab_size):
        row = Rect(rect.top + token, rect.left, rect.top + token, rect.right)
        text = f"SQRT(SUMSQ({quote_sheet(place)}!{row}))"
        sheet.put_formula(at(FIRST + token, WORKING + 1), text, array=True)


def nearest(book: Book, sheet: Sheet, top: int, vocabulary: int) -> None:
    """The tokens whose embeddings have the largest cosine with that of a token of choice."""
    _tables(book, sheet, vocabulary)
    sheet.put(at(top, _LEFT - 1), "Nearest", "heading")
    token_of_choice(book, sheet, at(top, _LEFT), "token", vocabulary)
    row, mine = "INDEX(wte.weight,embeddings.token+1,0)", "INDEX(embeddings.norms,embeddings.token+1)"
    _cosines_of_all(book, sheet, "cosines", row, mine)
    others = "vocabulary.ids<>embeddings.token"
    _best(book, sheet, top + 2, min(NEAREST, vocabulary - 1), ("nearest", "embeddings.cosines", others))


def analogy(book: Book, sheet: Sheet, top: int, config: Config, rows: int) -> None:
    """b - a + c: the nearest tokens but these, and the rank of the one that is expected. `rows`: column of the sum."""
    sheet.put(at(top, _LEFT - 1), "Analogy: a is to b as c is to ... (b - a + c)", "heading")
    for row, name in enumerate("abc", top + 1):
        sheet.put(at(row, _LEFT - 1), name, "heading")
        token_of_choice(book, sheet, at(row, _LEFT), name, config.vocab_size)
    sheet.put(at(top + 4, _LEFT - 1), "expected", "heading")
    token_of_choice(book, sheet, at(top + 4, _LEFT), "expected", config.vocab_size)
    a, b, c = (f"INDEX(wte.weight,embeddings.{name}+1,0)" for name in "abc")
    area = Rect(top, rows, top, rows + config.n_embd - 1)
    sheet.put(at(top, rows - 1), "b - a + c", "row_name")
    sheet.put_formula(area, f"{b}-{a}+{c}", "activation", array=True)
    book.define("embeddings.sum", sheet.name, area)
    _cosines_of_all(book, sheet, "analogy_cosines", "embeddings.sum", "SQRT(SUMSQ(embeddings.sum))")
    others = "*".join(f"(vocabulary.ids<>embeddings.{name})" for name in "abc")
    count = max(0, min(ANSWERS, config.vocab_size - 3))
    _best(book, sheet, top + 6, count, ("answer", "embeddings.analogy_cosines", others))
    _rank(book, sheet, top + 7 + count, others)


def _rank(book: Book, sheet: Sheet, row: int, others: str) -> None:
    """The expected token's cosine and its rank."""
    mine = "INDEX(embeddings.analogy_cosines,embeddings.expected+1)"
    larger = f"SUM(IF((embeddings.analogy_cosines>{mine})*{others},1,0))"
    entries = (("expected_cosine", mine, "cosine", "effect"), ("rank", larger, "rank, 0: best", "whole"))
    for line, (name, text, words, style) in enumerate(entries, row):
        sheet.put(at(line, _LEFT + 2), f"expected: {words}", "side")
        sheet.put_formula(at(line, _LEFT + 3), text, style, array=True)
        book.define(f"embeddings.{name}", sheet.name, at(line, _LEFT + 3))


def _tables(book: Book, sheet: Sheet, vocabulary: int) -> None:
    """A row for every token: its text, its length, two cosines."""
    heads = ("token", "length", "to the token", "to b - a + c")
    for (name, column), head in zip(_COLUMNS.items(), heads, strict=True):
        area = Rect(FIRST, WORKING + column, FIRST + vocabulary - 1, WORKING + column)
        sheet.put(at(FIRST - 1, WORKING + column), head, "side")
        sheet.look.styles.append((area, "effect" if column else "token"))
        book.define(f"embeddings.{name}", sheet.name, area)
    sheet.put_formula(book.locate("embeddings.all_shown")[1], "vocabulary.shown", array=True)


def _cosines_of_all(book: Book, sheet: Sheet, name: str, row: str, length: str) -> None:
    """One formula for the cosines of all tokens with a row."""
    text = f"IF(embeddings.norms*{length}>0,MMULT(wte.weight,TRANSPOSE({row}))/embeddings.norms/{length},0)"
    sheet.put_formula(book.locate(f"embeddings.{name}")[1], text, array=True)


def _best(book: Book, sheet: Sheet, top: int, count: int, what: tuple[str, str, str]) -> None:
    """The tokens with the largest cosines among `others`; of equals the lower id first."""
    name, cosines, others = what
    bottom, left = top + count - 1, _LEFT + 1
    values = Rect(top, left + 2, bottom, left + 2)
    for column, head in enumerate(("id", "token", "cosine"), left):
        sheet.put(at(top - 1, column), head, "heading" if head == "token" else "heading_center")
    for k in range(count):
        row = top + k
        value, token = at(row, left + 2), at(row, left)
        equal = f"IF(({cosines}={value})*({others}),vocabulary.ids,1E+9)"
        sheet.put_formula(token, f"SMALL({equal},{k + 2}-MATCH({value},{values},0))", "whole", array=True)
        sheet.put_formula(at(row, left + 1), f"INDEX(vocabulary.shown,{token}+1)", "token", array=True)
        sheet.put_formula(value, f"LARGE(IF({others},{cosines},-2),{k + 1})", "effect", array=True)
    for column, kind in enumerate(("ids", "shown", "cosines") if count else (), left):
        book.define(f"embeddings.{name}_{kind}", sheet.name, Rect(top, column, bottom, column))
