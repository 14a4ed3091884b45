"""Model -> Book: where every number and every formula of the workbook stands.

Read `page` first (how a table looks), then `prompt`, `block`, `lm_head` in the order of the flow. The functions
have the names of those in `gpt2.forward`, which says the same in numpy.
"""

from __future__ import annotations

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.block import block
from sheetgpt.layout.bpe_merges import byte_pair_passes
from sheetgpt.layout.detokenizer import pieces, tokens_to_text
from sheetgpt.layout.exercise.exercise import exercise
from sheetgpt.layout.jacobian import jacobian, move_to_end
from sheetgpt.layout.lenses.lens import choose_lenses, fill_lenses, lay_out_lenses
from sheetgpt.layout.lenses.stored import store_numbers
from sheetgpt.layout.lm_head import continuation, layer_norm, logits, predicted_token
from sheetgpt.layout.lookup_tables import pairs, unicode_classes
from sheetgpt.layout.map_sheet import map_sheet, sheets
from sheetgpt.layout.notices import say_calculation
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.layout.page import finish, page
from sheetgpt.layout.pretokenizer import prompt_to_words
from sheetgpt.layout.prompt import embeddings, how_to_type, prompt_text, prompt_to_tokens, type_prompt_here
from sheetgpt.layout.sampling import sampling
from sheetgpt.layout.tensors import Mark, checksum, weights
from sheetgpt.layout.vocabulary import merges, vocabulary
from sheetgpt.schema.prompt_limits import Limits
from sheetgpt.system.mapped_arrays import Store


def build_book(
    model: Model,
    options: LayoutOptions,
    *,
    mark: Mark = checksum,
    book: Book | None = None,
    store: Store | None = None,
) -> Book:
    """The book of a model; formulas are not calculated yet.

    `mark` makes the fingerprints of the tensors; `book` is an empty one to fill, where another kind is wanted. With a
    `store` the numbers of the weights lie there instead of in memory. Raises UsageError for a window that the model has
    no positions for, and for a text to be cut by formulas without a tokenizer.
    """
    config, rows = model.config, options.rows
    limits = _limits(model.tokenizer, options.limits) if options.ids is None else None
    check_sizes(config, rows, options.candidates)
    candidates, lenses = min(options.candidates, config.vocab_size), choose_lenses(options.lenses)
    book = Book() if book is None else book
    book.manual = options.manual
    book.add("Map")
    _prompt(book, config, options, limits, front="endoftext" in lenses)
    x = embeddings(book, config, rows, lenses)
    lay_out_lenses(book, config, rows, [lens for lens in lenses.values() if lens.early])
    for layer in range(config.n_layer):
        x = [block(book, config, layer, rows, x)]
    scored = logits(book, config, rows, layer_norm(book, config, rows, x[0]))
    predicted = predicted_token(book, config, rows, sampling(book, rows, scored, candidates))
    continuation(book, tokens_to_text(book, rows, predicted))
    matrices = jacobian(book, options.jacobian)
    lay_out_lenses(book, config, rows, [lens for lens in lenses.values() if not lens.early])
    store_numbers(book, model, options)
    _look_up(book, model, limits)
    weights(book, config, model.tensors, mark, store, model.tokenizer)
    move_to_end(book, matrices)
    if options.exercise is not None:
        exercise(book, config, rows, options.exercise, options.solution)
    fill_lenses(book, model)
    map_sheet(book, model, rows, options.digits, candidates)
    finish(book)
    say_calculation(book, config.parameters)
    return book


def _prompt(book: Book, config: Config, options: LayoutOptions, limits: Limits | None, front: bool) -> None:
    """The sheets from the prompt to its token ids, `front`: behind one that may stand in front."""
    type_prompt_here(book, config, options.rows, options.prompt, limits, front)
    if limits:
        prompt_to_words(book, limits)
        byte_pair_passes(book, limits)
    prompt_to_tokens(book, options.rows, options.ids, front)


def _look_up(book: Book, model: Model, limits: Limits | None) -> None:
    """The sheets of the tokenizer, where the others look things up."""
    vocabulary(book, model.tokenizer, model.config.vocab_size)
    pieces(book, model.tokenizer)
    merges(book, model.tokenizer)
    if limits and model.tokenizer:
        pairs(book, model.tokenizer)
        unicode_classes(book)


def check_sizes(config: Config, rows: int, candidates: int) -> None:
    """Raise UsageError for a window that the model has no positions for, or for too few candidates."""
    if not 1 <= rows <= config.n_positions:
        raise UsageError(f"--context {rows}: this model has positions for 1 to {config.n_positions} tokens")
    if min(candidates, config.vocab_size) < config.top:
        raise UsageError(f"--candidates {candidates}: expected {config.top} or more, as many as the sheets list")


def build_tokenizer_book(tokenizer: Tokenizer, prompt: str, rows: int = 64, limits: Limits | None = None) -> Book:
    """The sheets from the prompt to `rows` token ids alone, for any vocabulary, without a model behind them."""
    book, limits = Book(), limits or Limits()
    book.add("Map")
    prompt_text(page(book, "Type_Prompt_Here", rows, "Prompt", how_to_type(limits, rows), "input"), prompt, limits)
    prompt_to_words(book, limits)
    byte_pair_passes(book, limits)
    prompt_to_tokens(book, rows)
    vocabulary(book, tokenizer, len(tokenizer))
    merges(book, tokenizer)
    pairs(book, tokenizer)
    unicode_classes(book)
    book.sheets["Map"].put(at(1, 1), "From text to tokens", "title")
    sheets(book, book.sheets["Map"], 4)
    book.sheets["Map"].look.widths = {(1, 1): 28, (2, 2): 60}
    finish(book)
    return book


def _limits(tokenizer: Tokenizer | None, limits: Limits | None) -> Limits:
    if tokenizer is None:
        raise UsageError("a model without a tokenizer cannot read text", "give the prompt as token ids")
    return limits or Limits()
