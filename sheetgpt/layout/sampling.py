"""The sheet `Sampling`: the best tokens of each row, and one of them drawn by temperature, top-k, top-p and seed.

Everything is exact or the same in every program: whole numbers below 2^46 for the generator, sums from left to
right, and no RAND, so that the same seed gives the same text everywhere.
"""

from __future__ import annotations

from sheetgpt.book.address import Rect, at, column_letters
from sheetgpt.book.book import Book
from sheetgpt.gpt2.sampling import PRIME, ROUNDS
from sheetgpt.layout.page import LEFT, Columns, Page, Region, page

CHOICE = ("draw", "kept", "total", "rank", "token id")  # columns of the last table


def sampling(book: Book, rows: int, scored: Region, candidates: int) -> tuple[Region, Region, Region]:
    """Returns logits and ids of the candidates, [n, K] each, and the table of choices, whose last column is the id."""
    this = page(
        book,
        "Sampling",
        rows,
        "Candidates and sampling",
        f"the {candidates} best tokens of each row, and the one that is drawn; all others are cut",
    )
    _effective_settings(this, candidates)
    logits = this.start("Candidates: logits", "the largest ones, down", Columns(candidates, first=1))
    ids = this.start(
        "Candidates: ids",
        "where they stand in the vocabulary; of equals the lower id first",
        Columns(candidates, first=1),
    )
    for t in range(rows):
        _candidates(this, t, scored, logits, ids)
    weights = _weights(this, logits)
    before = _before(this, weights)
    generator = _generator(this)
    choices = _choices(this, generator, before, weights, ids)
    named = {
        "candidates.logits": logits,
        "candidates.ids": ids,
        "sampling.weights": weights,
        "sampling.before": before,
        "sampling.rounds": generator,
        "sampling.choices": choices,
    }
    for name, region in named.items():
        this.style(region)
        book.define(name, this.sheet.name, region.rect)
    for region in (ids, generator, *(choices.columns(CHOICE.index(name), 1) for name in ("kept", "rank", "token id"))):
        this.sheet.look.styles.append((region.rect, "whole"))
    return logits, ids, choices


def _effective_settings(this: Page, candidates: int) -> None:
    """The settings as they are used: what is left blank or makes no sense has a plain meaning."""
    sheet, top = this.sheet, this.next_row
    k = f"IF(sampling.top_k>=1,MIN(INT(sampling.top_k),{candidates}),{candidates})"
    seed = f"ABS(INT(sampling.seed))-{PRIME}*INT(ABS(INT(sampling.seed))/{PRIME})"
    entries = (
        (
            "temperature",
            "IF(ISNUMBER(sampling.temperature),MAX(0,sampling.temperature),0)",
            "0: always the likeliest token",
        ),
        (
            "top_k",
            f"IF(ISNUMBER(sampling.top_k),{k},{candidates})",
            f"how many candidates may be drawn; off: all {candidates}, and never the tail beyond",
        ),
        (
            "top_p",
            "IF(ISNUMBER(sampling.top_p),MIN(1,MAX(0,sampling.top_p)),1)",
            "the likeliest ones that make up this share",
        ),
        ("seed", f"IF(ISNUMBER(sampling.seed),{seed},1)", f"whole, modulo {PRIME}"),
    )
    sheet.put(at(top, 1), "In use", "heading")
    for row, (name, text, words) in enumerate(entries, top + 1):
        sheet.put(at(row, 2), name.replace("_", "-"))
        sheet.put_formula(at(row, LEFT), text, "whole" if name in ("top_k", "seed") else "activation_center")
        sheet.put(at(row, LEFT + 1), words, "note")
        this.book.define(f"used.{name}", sheet.name, at(row, LEFT))
    this.next_row = top + len(entries) + 2


def _candidates(this: Page, t: int, scored: Region, logits: Region, ids: Region) -> None:
    """Each logit by its rank, and where it stands first; only one that is listed twice is looked for again.

    MATCH takes part in both questions, so that a program's idea of equal numbers is the same in both.
    """
    column, row = this.ref(scored.sheet, scored.column(t)), logits.row(t)
    for k in range(logits.rect.columns):
        value, token = (at(region.rect.top + t, LEFT + k) for region in (logits, ids))
        rank = f"{column_letters(LEFT + k)}${logits.rect.top - 1}"
        this.sheet.put_formula(value, f"LARGE({column},{rank})")
        first, place = f"MATCH({value},{row},0)", f"MATCH({value},{column},0)-1"
        again = f"SMALL(IF({column}={value},vocabulary.ids,1E+9),{rank}+1-{first})"
        this.sheet.put_formula(token, f"IF({first}={rank},{place},{again})", array=True)


def _weights(this: Page, logits: Region) -> Region:
    """EXP of the logits over the temperature, relative to the best; 0 beyond top-k, equals of the last kept."""
    words = "exp((logit - best logit) / temperature); 0 beyond top-k; at temperature 0 the best one only"
    region = this.start("Weights", words, Columns(logits.rect.columns, first=1))
    numbers = Rect(region.rect.top - 1, LEFT, region.rect.top - 1, region.rect.right)
    for t in range(this.rows):
        row = logits.row(t)
        kept = f"IF({row}>=INDEX({row},1,used.top_k),EXP(({row}-MAX({row}))/used.temperature),0)"
        this.sheet.put_formula(region.row(t), f"IF(used.temperature=0,IF({numbers}=1,1,0),{kept})", array=True)
    return region


def _before(this: Page, weights: Region) -> Region:
    words = "the weights of all better candidates, added from left to right: where each candidate's share begins"
    region = this.start("Sum before", words, Columns(weights.rect.columns, first=1))
    for t in range(this.rows):
        row = region.rect.top + t
        this.sheet.put(at(row, LEFT), 0.0)
        for column in range(LEFT + 1, region.rect.right + 1):
            left, weight = column_letters(column - 1), weights.rect.top + t
            this.sheet.put_formula(at(row, column), f"{left}{row}+{left}{weight}")
    return region


def _generator(this: Page) -> Region:
    """Rounds of x -> (x + seed + constant)^3 modulo a prime; x begins as the position."""
    words = f"{len(ROUNDS)} rounds of x -> (x + seed + constant)^3 modulo {PRIME}, all exact; x begins as the position"
    region = this.start("Generator", words, Columns(3 * len(ROUNDS) + 1))
    heads = [text for k in range(1, len(ROUNDS) + 1) for text in (f"sum {k}", f"square {k}", f"x {k}")]
    for column, head in enumerate([*heads, "draw"], LEFT):
        this.sheet.put(at(region.rect.top - 1, column), head)
    for t in range(this.rows):
        row, x = region.rect.top + t, f"A{region.rect.top + t}"
        for k, constant in enumerate(ROUNDS):
            y, square, cube = (f"{column_letters(LEFT + 3 * k + j)}{row}" for j in range(3))
            for j, term in enumerate((f"({x}+used.seed+{constant})", f"{y}*{y}", f"{square}*{y}")):
                this.sheet.put_formula(at(row, LEFT + 3 * k + j), _modulo(term))
            x = cube
        this.sheet.put_formula(at(row, region.rect.right), _modulo(f"({x}+used.seed)"))
    return region


def _modulo(term: str) -> str:
    return f"{term}-{PRIME}*INT({term}/{PRIME})"


def _choices(this: Page, generator: Region, before: Region, weights: Region, ids: Region) -> Region:
    words = "kept: by top-p; total: of their weights; rank: the last candidate whose share begins by draw x total"
    region = this.start("Choice", words, Columns(len(CHOICE)))
    for column, head in enumerate(CHOICE, LEFT):
        this.sheet.put(at(region.rect.top - 1, column), head)
    for t in range(this.rows):
        row = region.rect.top + t
        draw, kept, total, rank, token = (at(row, LEFT + k) for k in range(len(CHOICE)))
        shares, parts = before.row(t), weights.row(t)
        end = f"({at(shares.top, shares.right)}+{at(parts.top, parts.right)})"
        this.sheet.put_formula(draw, f"{at(generator.rect.top + t, generator.rect.right)}/{PRIME}")
        this.sheet.put_formula(kept, f"MAX(1,SUM(IF({shares}<used.top_p*{end},1,0)))", array=True)
        this.sheet.put_formula(total, f"INDEX({shares},1,{kept})+INDEX({parts},1,{kept})")
        this.sheet.put_formula(rank, f"MATCH({draw}*{total},{shares},1)")
        this.sheet.put_formula(token, f"INDEX({ids.row(t)},1,{rank})")
    return region
