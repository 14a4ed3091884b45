"""Text <-> token ids, by the `tokenizers` library: GPT-2's byte-level byte-pair encoding.

Special tokens are off: "<|endoftext|>" in a text is thirteen characters like any others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer as _Tokenizer
from tokenizers import decoders, models, pre_tokenizers

from sheetgpt.errors import CheckpointError, UsageError
from sheetgpt.gpt2.tokenizer_files import read_vocabulary


def _byte_letters() -> dict[int, str]:
    """The printable character that stands for each byte in vocab.json (OpenAI's encoder.py: bytes_to_unicode)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + k) for k, byte in enumerate(rest)}


BYTE_LETTERS = _byte_letters()
LETTER_BYTES = {letter: byte for byte, letter in BYTE_LETTERS.items()}
_SPLIT = pre_tokenizers.ByteLevel(add_prefix_space=False)


def words(text: str) -> list[tuple[int, int]]:
    """Where GPT-2's split cuts a text into words: (start, end) in characters; merges never cross these borders."""
    return [span for _, span in _SPLIT.pre_tokenize_str(text)]


class Tokenizer:
    """A vocabulary (tokens in the spelling of vocab.json, by id) and its merges, lowest rank first."""

    def __init__(self, tokens: Sequence[str], merges: Sequence[tuple[str, str]], source: str = "vocabulary") -> None:
        self.tokens = list(tokens)
        self.merges = list(merges)
        ids = {token: index for index, token in enumerate(self.tokens)}
        missing = [letter for letter in BYTE_LETTERS.values() if letter not in ids]
        if missing:
            raise CheckpointError(
                f"{source}: the vocabulary lacks {len(missing)} of the 256 bytes ({missing[0]!r} is the first)",
                "sheetgpt needs GPT-2's byte-level vocabulary",
            )
        for left, right in self.merges:
            if left not in ids or right not in ids or left + right not in ids:
                raise CheckpointError(f"{source}: merge {left!r} + {right!r} is not in the vocabulary")
        self.ids = ids
        self._library = _Tokenizer(models.BPE(vocab=ids, merges=self.merges))
        self._library.pre_tokenizer = _SPLIT
        self._library.decoder = decoders.ByteLevel()

    @classmethod
    def from_folder(cls, folder: Path | str) -> Tokenizer:
        """Read tokenizer.json, or vocab.json and merges.txt; raises CheckpointError for another tokenizer."""
        found = read_vocabulary(Path(folder))
        return cls(found.tokens, found.merges, str(folder))

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, text: str) -> list[int]:
        """Token ids of a text; raises UsageError for text that is no Unicode (lone surrogates)."""
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise UsageError(
                f"the prompt holds a lone surrogate at character {error.start + 1}, which is no Unicode text",
                "is the terminal's encoding UTF-8?",
            ) from None
        return list(self._library.encode(text, add_special_tokens=False).ids)

    def token_bytes(self, token: int) -> bytes:
        """The bytes that a token stands for; none for an id that the vocabulary lacks."""
        if token >= len(self.tokens):
            return b""
        spelling = self.tokens[token]
        if any(letter not in LETTER_BYTES for letter in spelling):
            return spelling.encode("utf-8")  # an added token, spelled as it is
        return bytes(LETTER_BYTES[letter] for letter in spelling)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of tokens; bytes that make no UTF-8 character become U+FFFD."""
        return b"".join(self.token_bytes(token) for token in ids).decode("utf-8", errors="replace")


def show_token(tokenizer: Tokenizer | None, token: int) -> str:
    """A token so that it can be seen: a space as "·", a line break as "↵", other bytes as <0xE2>."""
    if tokenizer is None or not (data := tokenizer.token_bytes(token)):
        return f"<{token}>"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(f"<0x{byte:02X}>" for byte in data)
    text = text.translate({ord(" "): "·", ord("\n"): "↵", ord("\t"): "→"})
    return "".join(c if c.isprintable() else "".join(f"<0x{b:02X}>" for b in c.encode()) for c in text)
