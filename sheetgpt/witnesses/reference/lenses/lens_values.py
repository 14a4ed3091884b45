"""What the formula cells of all lens sheets should hold: defined name -> values, from the activations of one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.witnesses.reference.lenses.attention import attention
from sheetgpt.witnesses.reference.lenses.attribution import attribution
from sheetgpt.witnesses.reference.lenses.choice import Values
from sheetgpt.witnesses.reference.lenses.depth import depth
from sheetgpt.witnesses.reference.lenses.embeddings import embeddings
from sheetgpt.witnesses.reference.lenses.endoftext import endoftext
from sheetgpt.witnesses.reference.lenses.facts import facts
from sheetgpt.witnesses.reference.lenses.loss import loss
from sheetgpt.witnesses.reference.lenses.positions import positions
from sheetgpt.witnesses.reference.lenses.question import question
from sheetgpt.witnesses.reference.lenses.quiz import network, quiz
from sheetgpt.witnesses.reference.lenses.sizes import sizes
from sheetgpt.witnesses.reference.lenses.steering import steering
from sheetgpt.witnesses.reference.lenses.story import story
from sheetgpt.witnesses.reference.lenses.superposition import superposition
from sheetgpt.witnesses.reference.lenses.switches import switches

# By the name of the sheet.
LENS_VALUES: dict[str, Callable[[Book, Config, forward.Tensors, Mapping[str, np.ndarray]], Values]] = {
    "Attention": attention,
    "Attribution": attribution,
    "Depth": depth,
    "Endoftext": endoftext,
    "Facts": facts,
    "Positions": positions,
    "Steering": steering,
    "Network": network,
    "Quiz": quiz,
    "Loss": loss,
    "Sizes": sizes,
    "Embedding_Map": embeddings,
    "Superposition": superposition,
    "MLP_Question": question,
    "Story": story,
    "Switches": switches,
}


def lens_values(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """What all lens sheets of a book should hold."""
    values: Values = {}
    for sheet, lens in LENS_VALUES.items():
        if sheet in book.sheets:
            values |= lens(book, config, tensors, activations)
    return values
