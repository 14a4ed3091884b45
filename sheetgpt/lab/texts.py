"""Texts to score, as a file holds them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sheetgpt.errors import UsageError

_JSON = (".jsonl", ".ndjson")
# Some text, white space, a word, and perhaps marks behind it, which are left out.
_LAST_WORD = re.compile(r"(.*\S)\s+([^\W_]+(?:['’-][^\W_]+)*)[\W_]*", re.DOTALL)


@dataclass(frozen=True)
class Item:
    """One thing to score, from a line of a file: a text; a context with choices; or a context with its last word."""

    line: int
    text: str = ""
    context: str = ""
    choices: tuple[str, ...] = ()
    answer: int | None = None
    word: str = ""  # with the space before it


def read_texts(path: Path | str, last_word: bool = False) -> list[Item]:
    """The items of a file: JSON lines where its name ends in .jsonl or .ndjson, else one plain text on each line.

    A JSON line is {"text": ...} or {"context": ..., "choices": [...]}, with "answer", the number of the right choice
    from 0, if it is known. With `last_word`, texts are cut before their last word. Empty lines are left out. Raises
    UsageError naming the line that is something else.
    """
    path = Path(path)
    content = read_text(path)
    lines = [(number, text) for number, text in enumerate(content.split("\n"), 1) if text.strip()]
    items = [_from_json(*line) for line in lines] if path.suffix in _JSON else list(_plain(path, lines))
    return [_at_last_word(item) if last_word and item.text else item for item in items]


def read_prompts(path: Path) -> list[str]:
    """The lines of a file ("-": of stdin) that are not blank, with the spaces at their ends; raises UsageError."""
    return [line.removesuffix("\r") for line in read_text(path).split("\n") if line.strip()]


def read_text(path: Path) -> str:
    """A file, or for "-" what comes from stdin, as UTF-8, with or without a byte order mark; raises UsageError."""
    try:
        content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text in UTF-8", "save it as UTF-8") from None


def _plain(path: Path, lines: list[tuple[int, str]]) -> Iterator[Item]:
    if lines and all(text.lstrip().startswith("{") for _, text in lines):
        raise UsageError(f"{path} looks like JSON lines, and its name does not say so", "name it .jsonl")
    for number, text in lines:
        yield Item(number, text.removesuffix("\r"))


def _from_json(number: int, text: str) -> Item:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"line {number} is no JSON: {error}") from None
    kinds = 'a line is {"text": ...} or {"context": ..., "choices": [..., ...]}'
    if not isinstance(entries, dict) or not set(entries) <= {"text", "context", "choices", "answer"}:
        raise UsageError(f"line {number} is not what can be scored", kinds)
    if isinstance(entries.get("text"), str) and len(entries) == 1:
        return Item(number, entries["text"])
    context, choices, answer = (entries.get(name) for name in ("context", "choices", "answer"))
    if not isinstance(context, str) or not isinstance(choices, list) or not choices or "text" in entries:
        raise UsageError(f"line {number} is not what can be scored", kinds)
    if not all(isinstance(choice, str) for choice in choices):
        raise UsageError(f"line {number}: choices must be texts", kinds)
    if answer is not None and (type(answer) is not int or not 0 <= answer < len(choices)):
        raise UsageError(
            f'line {number}: "answer" is {answer!r}', f"it is the number of a choice, 0 to {len(choices) - 1}"
        )
    return Item(number, context=context, choices=tuple(choices), answer=answer)


def _at_last_word(item: Item) -> Item:
    match = _LAST_WORD.fullmatch(item.text)
    if not match:
        raise UsageError(f"line {item.line} has no last word behind others", "--last-word needs two words or more")
    return Item(item.line, context=match[1], word=f" {match[2]}")
