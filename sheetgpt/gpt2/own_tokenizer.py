"""A checkpoint's tokenizer as the `tokenizers` library reads it from the files, past everything that is read here.

With it `check --model` sees whether the tokenizer in a workbook is that of the checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers

from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2.tokenizer_files import JSON, find_pair, has_tokenizer, settings_of

Encode = Callable[[str], list[int]]


def own_encoder(folder: Path, special: bool) -> Encode | None:
    """Text -> ids by the files in a folder, None where there are none; raises CheckpointError.

    With `special`, the spelling of a special token is that token, as transformers has it; otherwise it is text.
    """
    if not has_tokenizer(folder):
        return None
    try:
        library = _library(folder)
    except Exception as error:  # the library raises Exception itself
        raise CheckpointError(f"{folder}: the tokenizers library cannot read the tokenizer: {error}") from None
    library.encode_special_tokens = not special
    library.no_truncation()
    library.no_padding()
    return lambda text: list(library.encode(text).ids)


def _library(folder: Path) -> Any:
    if (folder / JSON).exists():
        return Tokenizer.from_file(str(folder / JSON))
    pair = find_pair(folder)
    assert pair
    library = Tokenizer(models.BPE.from_file(str(pair[0]), str(pair[1])))
    settings = settings_of(folder)
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=bool(settings.get("add_prefix_space")))
    named = [entry for key, entry in settings.items() if key.endswith("_token")] or ["<|endoftext|>"]
    spelled = [entry.get("content") if isinstance(entry, dict) else entry for entry in named]
    library.add_special_tokens([text for text in spelled if isinstance(text, str)])
    return library
