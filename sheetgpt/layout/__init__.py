"""Model -> Book: where every number and every formula of the workbook stands.

Read `page` first (how a table looks), then `prompt`, `block`, `head` in the order of the flow. The functions
have the names of those in `reference`, which says the same in numpy.
"""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book import Book
from sheetgpt.errors import UsageError
from sheetgpt.layout.block import block
from sheetgpt.layout.data import merges, vocabulary, weights
from sheetgpt.layout.head import layer_norm, logits, predicted_token
from sheetgpt.layout.overview import overview
from sheetgpt.layout.prompt import embeddings, prompt_to_tokens, type_prompt_here
from sheetgpt.layout.sampling import sampling
from sheetgpt.sampling import CANDIDATES
from sheetgpt.weights import Model

__all__ = ["workbook"]


def workbook(
    model: Model, prompt: str, ids: Sequence[int], rows: int, digits: str = "exact", candidates: int = CANDIDATES
) -> Book:
    """The book of a model with a window of `rows` tokens that begins with `ids`; formulas are not calculated yet."""
    config = model.config
    if not 1 <= rows <= config.n_positions:
        raise UsageError(f"--context {rows}: this model has positions for 1 to {config.n_positions} tokens")
    candidates = min(candidates, config.vocab_size)
    if candidates < config.top:
        raise UsageError(f"--candidates {candidates}: expected {config.top} or more, as many as the sheets list")
    book = Book()
    book.add("Map")
    type_prompt_here(book, config, rows, prompt)
    prompt_to_tokens(book, rows, ids)
    x = embeddings(book, config, rows)
    for layer in range(config.n_layer):
        x = [block(book, config, layer, rows, x)]
    scored = logits(book, config, rows, layer_norm(book, config, rows, x[0]))
    predicted_token(book, config, rows, sampling(book, rows, scored, candidates))
    vocabulary(book, model.tokenizer, config.vocab_size)
    merges(book, model.tokenizer)
    weights(book, config, model.tensors)
    overview(book, config, model.name, rows, digits, candidates)
    return book
