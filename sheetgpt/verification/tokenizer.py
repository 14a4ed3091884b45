"""The tokenizer in a workbook against a checkpoint's, as the `tokenizers` library reads that from its files.

The reference asks the tokenizer that stands in the workbook; so would agree with a workbook whose tokenizer is not
that of the model. Here the two are compared: tokens, merges, and the ids of texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sheetgpt.book.book import Book
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.own_tokenizer import own_encoder
from sheetgpt.schema.names import part_of, subset_of, tokenizer_of
from sheetgpt.schema.prompt import prompt_text, reads_text
from sheetgpt.schema.split import HEAD

_TEXTS = (
    "It is",
    " The CAPITAL of France",
    "naïve Ångström ﬁn İ ß 東京 😀 e\u0301",
    "it's we'll 1234567 3.14 a_b-c",
    "  two  spaces\n\nlines\tand tabs \u00a0\u3000 end ",
    "<|endoftext|> in a text",
)  # what normalizers and other splits would cut in another way: case, accents, spaces, digits, the text of a token


def tokenizer_findings(book: Book, loaded: Model, folder: Path, model: str) -> Iterator[str]:
    """Where the tokenizer in a whole or lighter copy's workbook is not the one of a checkpoint."""
    if "vocabulary.tokens" not in book.names:  # a part in the middle of a split model
        return
    held, own = tokenizer_of(book), loaded.tokenizer
    if held is None or own is None:
        if (held is None) != (own is None):
            yield f"tokenizer differs from {model}: {'the workbook' if held is None else model} has none"
        return
    yield from _list_findings("token", held.tokens, own.tokens, model)
    if part_of(book) == HEAD:  # it only shows tokens
        return
    yield from _list_findings("merge", held.merges, own.merges, model)
    if not why_no_texts(book):
        yield from _texts_findings(book, folder, model)


def why_no_texts(book: Book) -> str:
    """Why the library cannot be asked for the ids of texts, or ""."""
    subset = subset_of(book)
    if subset is None or subset.tokens == subset.all_tokens or tokenizer_of(book) is None:
        return ""
    return "the workbook holds the first tokens only, and the library knows all: tokens and merges were compared"


def _list_findings(what: str, ours: Sequence[object], theirs: Sequence[object], model: str) -> Iterator[str]:
    """The first of the tokens or merges that differs, and how many there are."""
    wrong = [k for k, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other]
    if wrong:
        k = wrong[0]
        yield f"{what} differs from {model}: number {k} is {ours[k]!r}, expected {theirs[k]!r} ({len(wrong)} differ)"
    if len(ours) != len(theirs):
        yield f"tokenizer differs from {model}: {len(ours)} {what}s, expected {len(theirs)}"


def _texts_findings(book: Book, folder: Path, model: str) -> Iterator[str]:
    """The texts that the library cuts into other tokens, the prompt first."""
    held, plain = tokenizer_of(book), own_encoder(folder, special=False)
    whole = own_encoder(folder, special=True)
    if held is None or plain is None or whole is None:
        return
    prompts = [prompt_text(book)] if reads_text(book) else []
    for text in (*prompts, *_TEXTS):
        if held.encode(text) != plain(text):
            yield f"tokenizer differs from {model}: {text!r} is {held.encode(text)}, there {plain(text)}"
            return
    for prompt in prompts:
        if (ids := whole(prompt)) != plain(prompt):
            yield f"the prompt spells a special token of {model}: text here, one token for transformers ({ids})"
