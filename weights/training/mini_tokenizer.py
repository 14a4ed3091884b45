"""The bundled model's tokenizer: GPT-2's byte-level byte-pair encoding, trained on the model's own text.

It does not need torch, and gives the same files each time.
"""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

import mini_corpus

VOCABULARY = 1200  # tokens: 256 bytes, the merges, and the end of text
END = "<|endoftext|>"
END_ID = VOCABULARY - 1  # the last one, as in GPT-2
EXTRA_LINES = 500  # for each answer and shown prompt, so that most answers become a single token


def train() -> Tokenizer:
    """Train on the training text; the end of text is not part of it yet."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    every_byte = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY - 1, initial_alphabet=every_byte, show_progress=False)
    lines = [line for document in mini_corpus.documents() for line in document.split("\n")]
    weighted = [f" {answer}" for answer in mini_corpus.answers()] + 2 * list(mini_corpus.SHOWN)
    tokenizer.train_from_iterator(lines + weighted * EXTRA_LINES, trainer)
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """Write vocab.json, with the end of text behind the other tokens, and merges.txt."""
    tokenizer.model.save(str(folder))
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    vocabulary[END] = END_ID
    text = json.dumps(vocabulary, ensure_ascii=False, indent=0)
    (folder / "vocab.json").write_text(text + "\n", encoding="utf-8")
