"""Scores as a text for people."""

from __future__ import annotations

from sheetgpt.lab.score import Scores
from sheetgpt.lab.workers import Line
from sheetgpt.schema.answer import switches_text

_WIDTH = 48  # characters of a text that are shown


def scores_text(scores: Scores) -> str:
    """A line for each text, with headings, and the summary below."""
    lines: list[str] = []
    for entry in scores.items:
        heading, line = _line(entry)
        lines += [line] if heading in lines else [heading, line]
    lines += ["", *_summary(scores.summary)]
    if scores.switches:
        lines.append(f"not the whole model, switches: {switches_text(scores.switches)}")
    return "\n".join([*lines, *scores.interventions])


def _line(entry: Line) -> tuple[str, str]:
    """The heading for an entry of its kind, and its line."""
    if "loss" in entry:
        line = f"{entry['perplexity']:>10.2f}  {entry['predicted']:>9}  {_short(entry['text'])}"
        return "perplexity  predicted  text", line
    if "choice" in entry:
        listed = "  ".join(
            f"{'*' if k == entry['choice'] else ''}{text!r} {value:.3f}"
            for k, (text, value) in enumerate(zip(entry["choices"], entry["log_probabilities"], strict=True))
        )
        heading = "choice  context and choices with their log probabilities; * the largest"
        return heading, f"{_mark(entry.get('right')):<8}{_short(entry['context'])}  {listed}"
    said = f"{_mark(entry['right']):<6}{_mark(entry['right_filtered']):<10}"
    line = f"{said}{_short(entry['context'])}  {entry['word']!r}  {entry['predicted']!r}"
    return "word  filtered  context, last word, likeliest token", line


def _mark(right: bool | None) -> str:
    return "" if right is None else "right" if right else "wrong"


def _short(text: str) -> str:
    shown = text.replace("\n", "↵")
    return shown if len(shown) <= _WIDTH else shown[: _WIDTH - 3] + "..."


def _summary(summary: Line) -> list[str]:
    lines = []
    if "texts" in summary:
        bits = summary["bits_per_character"]
        lines.append(
            f"{summary['texts']} texts, {summary['predicted']} tokens predicted: cross-entropy "
            f"{summary['cross_entropy']:.4f} nats a token, perplexity {summary['perplexity']:.2f}"
            + (f", {bits:.4f} bits per character" if bits is not None else "")
        )
    if "choices" in summary:
        share = summary["choices_accuracy"]
        lines.append(f"{summary['choices']} choices" + (f": {share:.1%} right" if share is not None else ""))
    if "last_words" in summary:
        plain, filtered = summary["last_word_accuracy"], summary["last_word_accuracy_filtered"]
        lines.append(f"{summary['last_words']} last words: {plain:.1%} right, {filtered:.1%} without stop words")
    return lines
