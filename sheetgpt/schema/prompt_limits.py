"""How long a prompt a workbook takes, and what it says of one that is too long.

The sheets that cut a text into tokens have a row for each character and each byte and columns for each pass of
the byte-pair encoding, so these are chosen when the workbook is built. The program refuses with the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetgpt.errors import UsageError
from sheetgpt.gpt2.tokenizer import Tokenizer, words

MOST_CHARACTERS = 1000  # positions of bytes are kept as 2048ths beside a merge's rank, see layout.bpe_merges
_LONGEST_WORD = 32
EMPTY = "The prompt is empty: type at least one character."


def too_many_beside(rows: int) -> str:
    """What is said of a prompt that fills the window, so that no row is left for a token in front."""
    return f"The prompt is too long: with <|endoftext|> in front this workbook takes {rows - 1} tokens."


@dataclass(frozen=True)
class Limits:
    """The size of the sheets between a prompt and its tokens; raises UsageError for sizes that make no sense.

    Characters count as in Excel, where one beyond U+FFFF, such as an emoji, counts as two.
    """

    characters: int = 64

    def __post_init__(self) -> None:
        if not 1 <= self.characters <= MOST_CHARACTERS:
            raise UsageError(f"--max-chars {self.characters}: a prompt can have 1 to {MOST_CHARACTERS} characters")

    @property
    def bytes(self) -> int:
        """Rows for bytes of UTF-8: one for each character of plain English, two to four for others."""
        return max(4, self.characters * 3 // 2)

    @property
    def passes(self) -> int:
        """Merges that one word may need: enough for every word of 32 bytes, as n bytes make n - 1 merges at most."""
        return max(3, min(self.characters, _LONGEST_WORD) - 1)

    @property
    def too_long(self) -> str:
        return f"The prompt is too long: this workbook takes {self.characters} characters (an emoji counts as two)."

    @property
    def too_many_bytes(self) -> str:
        return f"The prompt is too long: this workbook takes {self.bytes} bytes (letters beyond A to Z have 2 to 4)."

    @property
    def too_many_passes(self) -> str:
        return f"A word of the prompt is too long: it needs more than the {self.passes} merges of this workbook."

    def too_many_tokens(self, rows: int) -> str:
        return f"The prompt is too long: this workbook takes {rows} tokens."

    def refusal(
        self, tokenizer: Tokenizer, text: str, rows: int, ids: Sequence[int] | None = None, front: bool = False
    ) -> str:
        """What a workbook with `rows` token rows says of a prompt, with these ids if known; "" if it takes it.

        `front`: another token stands in front.
        """
        size = len(text.encode("utf-8"))
        if not text:
            return EMPTY
        if len(text.encode("utf-16-le")) // 2 > self.characters:
            return self.too_long
        if size > self.bytes:
            return self.too_many_bytes
        if self._passes(tokenizer, text) > self.passes:
            return self.too_many_passes
        count = len(tokenizer.encode(text) if ids is None else ids)
        if front and count > rows - 1:
            return too_many_beside(rows)
        return self.too_many_tokens(rows) if count > rows else ""

    def _passes(self, tokenizer: Tokenizer, text: str) -> int:
        """How many merges the word with the most of them needs: each makes one token of two."""
        pieces = {text[start:end] for start, end in words(text)}
        return max(len(piece.encode("utf-8")) - len(tokenizer.encode(piece)) for piece in pieces)
