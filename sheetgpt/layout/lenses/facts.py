"""The sheet `Facts`: which MLP and which neurons hold a fact, and where its trace runs, measured when it was built.

All of it needs hundreds of passes, so it is numbers: `gpt2.facts` and `gpt2.causal_tracing` say how they came about.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.causal_tracing import DRAWS, SEED, SIGMAS, causal_trace
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.facts import NEURONS, SUBJECTS, TEXT, measure_facts, subject_texts
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.headings import caption
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, link

_ROWS = 16  # of the trace at most
_FIRST = TITLE_ROWS + 6  # first row of the table of texts
_NEURONS = _FIRST + len(SUBJECTS) + 1  # row of the neurons' block
_TRACE = _NEURONS + 7  # first row of the trace
_TO_DO = (
    "Now do this: 1. Follow a blue link below. 2. On that sheet type 0 over the rows of all these neurons. "
    "3. Watch Type_Prompt_Here."
)
STORED = tuple(
    f"facts.{name}"
    for name in (
        "words",
        "answers",
        "probabilities",
        "block",
        "neurons",
        "trace_ids",
        "clean",
        "noisy",
        "restored",
        "noise",
    )
)


def stored_facts(model: Model, _: Sequence[int]) -> dict[str, np.ndarray]:
    """Defined name -> what was measured; the texts are always the same, whatever the prompt."""
    config, tensors = model.config, dict(model.tensors)
    texts = subject_texts(config, model.tokenizer)
    facts = measure_facts(config, tensors, texts)
    trace = causal_trace(config, tensors, texts, facts.answers[0])
    ids, restored = np.full((_ROWS, 1), None, dtype=object), np.full((_ROWS, config.n_layer + 1), None, dtype=object)
    size = min(_ROWS, len(texts[0].ids))
    noise = np.full((DRAWS * _ROWS, config.n_embd), None, dtype=object)
    noise[: len(trace.noise)] = trace.noise[: len(noise)]
    ids[:size, 0], restored[:size] = texts[0].ids[:size], trace.restored[:size]
    return {
        "facts.words": np.array([[text.words] for text in texts], dtype=object),
        "facts.answers": np.array(facts.answers, dtype=float)[:, None],
        "facts.probabilities": facts.probabilities,
        "facts.block": np.array([[float(facts.block)]]),
        "facts.neurons": np.array([[*map(float, facts.neurons), *[-1.0] * (NEURONS - len(facts.neurons))]]),
        "facts.trace_ids": ids,
        "facts.clean": np.array([[trace.clean]]),
        "facts.noisy": np.array([[trace.noisy]]),
        "facts.restored": restored,
        "facts.noise": noise,
    }


def facts(book: Book, config: Config, _: int) -> None:
    """Add the sheet; it has texts of its own, whatever the window."""
    sheet = add_titled_sheet(
        book,
        "Facts",
        "Facts: where the model keeps one",
        f'What "Michael Jordan{TEXT}" needs: an MLP, a few of its neurons, a state on the way. Numbers of the build.',
        "weight",
    )
    sheet.look.widths = {(1, 1): 18, (2, 2): 13, (LEFT, LEFT + max(config.n_layer + 2, NEURONS + 1)): 10}
    sheet.put(at(TITLE_ROWS + 2, LEFT), _TO_DO, "note")
    _texts(book, sheet, config)
    _neurons(book, sheet, config)
    _trace(book, sheet, config)


def _stored(book: Book, sheet: Sheet, name: str, cells: Rect, style: str) -> Rect:
    """Cells for stored numbers, 0 in a dry run."""
    sheet.put(cells, np.zeros(cells.shape), style)
    book.define(f"facts.{name}", sheet.name, cells)
    return cells


def _tokens(book: Book, sheet: Sheet, name: str, ids: Rect) -> None:
    """The tokens of stored ids, right of them; blank where there is none."""
    for row in range(ids.top, ids.bottom + 1):
        cell = at(row, ids.left)
        text = f'IF(ISNUMBER({cell}),INDEX(vocabulary.shown,{cell}+1),"")'
        sheet.put_formula(at(row, ids.left + 1), text, "row_name")
    book.define(f"facts.{name}", sheet.name, ids.shift(columns=1))


def _texts(book: Book, sheet: Sheet, config: Config) -> None:
    """For each text how likely its answer is: for the whole model, without each MLP, without the neurons."""
    words = f'How likely the answer is, after each name and "{TEXT}"'
    caption(sheet, _FIRST - 2, 1, LEFT + config.n_layer + 2, words)
    titles = ["answer", "", "whole", *(f"MLP {layer} off" for layer in range(config.n_layer)), "neurons off"]
    last = _FIRST + len(SUBJECTS) - 1
    for column, title in enumerate(titles, 2):
        sheet.put(at(_FIRST - 1, column), title, "heading_center")
    sheet.put(at(_FIRST - 1, 1), "text", "heading")
    _stored(book, sheet, "words", Rect(_FIRST, 1, last, 1), "row_name")
    _tokens(book, sheet, "answers_shown", _stored(book, sheet, "answers", Rect(_FIRST, 2, last, 2), "weight_whole"))
    area = Rect(_FIRST, 4, last, 4 + config.n_layer + 1)
    sheet.look.scales.append((_stored(book, sheet, "probabilities", area, "stored_share"), "#F0772B"))


def _neurons(book: Book, sheet: Sheet, config: Config) -> None:
    """The neurons that were switched off together, with a link to the sheet where they can be switched off by hand."""
    sheet.put(at(_NEURONS, 1), "block, its neurons", "heading")
    _stored(book, sheet, "block", at(_NEURONS, 2), "weight_whole")
    _stored(book, sheet, "neurons", Rect(_NEURONS, LEFT, _NEURONS, LEFT + NEURONS - 1), "weight_whole")
    sheet.put(at(_NEURONS + 1, 1), "to switch them off", "heading")
    for layer in range(config.n_layer):
        link(sheet, _NEURONS + 1, 2 + 2 * layer, f"h.{layer}.mlp.c_proj.weight")
    sheet.put(at(_NEURONS - 1, 2), "block", "index")
    sheet.put(at(_NEURONS - 1, LEFT), "neurons: of its block's sheet below type 0 over these rows", "note")
    words = "found by trying: the answer to the first text falls most without them, those to the next three least; "
    sheet.put(at(_NEURONS + 2, 2), words + "the others were not looked at", "note")


def _trace(book: Book, sheet: Sheet, config: Config) -> None:
    """A heat map [rows, depths]: how likely the answer is when one state is put back."""
    top = _TRACE
    title = "Causal tracing of the first text: noise on the name, one state put back"
    caption(sheet, top - 3, 1, LEFT + config.n_layer + 2, title)
    words = f"{DRAWS} draws of noise, {SIGMAS:g} standard deviations, seed {SEED}; means"
    sheet.put(at(top - 2, 1), "without noise", "heading")
    _stored(book, sheet, "clean", at(top - 2, 2), "stored_share")
    sheet.put(at(top - 2, LEFT), "with noise", "heading")
    _stored(book, sheet, "noisy", at(top - 2, LEFT + 1), "stored_share")
    sheet.put(at(top - 2, LEFT + 2), words, "note")
    for depth in range(config.n_layer + 1):
        sheet.put(at(top - 1, 4 + depth), f"block {depth - 1}" if depth else "embedding", "heading_center")
    sheet.put(at(top - 1, 2), "id, token", "heading")
    sheet.put(at(top - 1, 1), "put back after ...", "side")
    ids = _stored(book, sheet, "trace_ids", Rect(top, 2, top + _ROWS - 1, 2), "position")
    _tokens(book, sheet, "trace_shown", ids)
    area = Rect(top, 4, top + _ROWS - 1, 4 + config.n_layer)
    sheet.look.scales.append((_stored(book, sheet, "restored", area, "plain_share"), "#F0772B"))
    left = LEFT + max(config.n_layer + 2, NEURONS + 1) + 4
    sheet.put(at(top - 1, left), "the noise: for each draw a row for each token of the name", "heading")
    _stored(book, sheet, "noise", Rect(top, left, top + DRAWS * _ROWS - 1, left + config.n_embd - 1), "weight")
