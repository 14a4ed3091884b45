"""Looking: attention, logit lens, attribution, neurons, as tables with labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sheetgpt.errors import UsageError
from sheetgpt.gpt2 import lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.forward import softmax
from sheetgpt.lab.live_book import LiveBook
from sheetgpt.lab.table import Table
from sheetgpt.schema.names import window

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPOKEN_FOR = 4  # tokens listed for a neuron, each way
_ROUNDING = 1e-9  # of a logit: what is less is no part that was left out


class Views(LiveBook):
    """What can be seen in a calculated workbook; the steps are read from its cells."""

    @property
    def ids(self) -> list[int]:
        """The token ids of the whole window: the prompt's, then those that the workbook writes."""
        return [int(token) for token in self.read("token.ids")[:, 0]]

    @property
    def tokens(self) -> list[str]:
        """The tokens of the whole window as they are shown, a space as "·"."""
        return [str(text) for text in self.read("token.shown")[:, 0]]

    def logit(self, token: str | int | None = None, position: int | None = None) -> float:
        """The logit of a token."""
        row, chosen = self.choose(token, position)
        return float(self.read("logits")[chosen, row])

    def probability(self, token: str | int | None = None, position: int | None = None) -> float:
        """The probability that a token comes next."""
        row, chosen = self.choose(token, position)
        return float(self.read("probabilities")[chosen, row])

    def top(self, count: int = 5, position: int | None = None) -> Table:
        """The likeliest next tokens, with probability, logit and id; of equal ones the lower id first."""
        if count < 1:
            raise UsageError(f"top({count}): at least one token", "give 1 or more")
        row = self.row_of(position)
        logits, probabilities = self.read("logits")[:, row], self.read("probabilities")[:, row]
        best = np.argsort(-logits, kind="stable")[:count]
        values = np.stack([probabilities[best], logits[best], best.astype(float)], axis=1)
        return Table(values, self._shown(best), ["probability", "logit", "id"])

    def attention(self, block: int, head: int, whole_window: bool = False) -> Table:
        """How much each token (a row) takes from each up to it, step 7 of a head; the future is NaN.

        Tokens of the prompt only, unless the whole window is asked for.
        """
        self.check_block(block)
        if not isinstance(head, int | np.integer) or not 0 <= head < self.config.n_head:
            raise UsageError(f"there is no head {head!r}", f"heads are 0 to {self.config.n_head - 1}")
        count = window(self.book) if whole_window else self.length
        labels = [f"{position} {token}" for position, token in enumerate(self.tokens[:count], 1)]
        return Table(self.numbers[step(f"h.{block}", 7, head)][:count, :count], labels, labels)

    def logit_lens(self, token: str | int | None = None, position: int | None = None) -> Table:
        """What the model would say if it ended after the embedding and after each block.

        For each depth rank (0: the best), probability and logit of the token, and the best token with its probability.
        """
        row, chosen = self.choose(token, position)
        numbers = self.numbers
        states = lenses.residual_states(self.config, numbers)[:, row]
        logits = lenses.logit_lens(self.config, numbers, states)
        likely, best = softmax(logits), logits.argmax(axis=1)
        own = logits[:, chosen]
        values = np.empty((len(states), 5), dtype=object)
        values[:, 0] = (logits > own[:, None]).sum(axis=1).astype(float).tolist()
        values[:, 1], values[:, 2] = likely[:, chosen].tolist(), own.tolist()
        values[:, 3] = self._shown(best)
        values[:, 4] = likely[np.arange(len(best)), best].tolist()
        depths = ["embedding", *(f"block {layer}" for layer in range(self.config.n_layer))]
        return Table(values, depths, ["rank", "probability", "logit", "best", "its probability"])

    def attribution(self, token: str | int | None = None, position: int | None = None) -> Table:
        """Direct logit attribution: what each part adds by itself to the logit of a token, and the logit, their sum.

        Parts are named as in `off`: "h.1.head.3", "h.1.mlp"; "h.1.bias" is that of c_proj, "steering" the direction
        that is added. What else was added to the row, such as a mean in place of a block, is "others". A direct
        effect is not the total effect: see `ablation`.
        """
        row, chosen = self.choose(token, position)
        given = self.config, self.numbers, self.numbers, row
        effects = lenses.direct_effects(*given, chosen, self.interventions)
        named = {f"h.{name}" if name[0].isdigit() else name: effect for name, effect in effects.items()}
        logit = self.logit(chosen, row + 1)
        others = logit - sum(named.values())
        if abs(others) > _ROUNDING * max(1.0, abs(logit)):
            named["others"] = others
        named["logit"] = logit
        return Table(np.array(list(named.values()))[:, None], list(named), ["adds"])

    def neurons(
        self, block: int, token: str | int | None = None, count: int = 10, position: int | None = None
    ) -> Table:
        """The neurons of a block's MLP that push a token most, up or down: activation, and what they add to its logit.

        "promotes" and "suppresses" are the tokens that the neuron's row of mlp.c_proj speaks for and against where its
        activation is positive.
        """
        self.check_block(block)
        row, chosen = self.choose(token, position)
        numbers = self.numbers
        effects = lenses.neuron_effects(self.config, numbers, numbers, (block, row), chosen, self.interventions)
        order = np.argsort(-np.abs(effects), kind="stable")[:count]
        values = np.empty((len(order), 4), dtype=object)
        values[:, 0] = numbers[step(f"h.{block}", 14)][row, order].tolist()
        values[:, 1] = effects[order].tolist()
        for line, spoken in enumerate(lenses.neuron_logits(self.config, numbers, block, order.tolist())):
            ranked = np.argsort(-spoken, kind="stable")
            values[line, 2] = " ".join(self._shown(ranked[:_SPOKEN_FOR]))
            values[line, 3] = " ".join(self._shown(ranked[::-1][:_SPOKEN_FOR]))
        names = [f"neuron {neuron}" for neuron in order.tolist()]
        return Table(values, names, ["activation", "adds", "promotes", "suppresses"])

    def embedding(self, token: str | int) -> np.ndarray:
        """The row of wte.weight [d] of a token: the difference of two is a direction to steer by."""
        return np.array(self.numbers["wte.weight"][self.token(token)])

    def _shown(self, ids: Sequence[int] | np.ndarray) -> list[str]:
        texts = self.book.read("vocabulary.shown").ravel()
        return [str(texts[int(token)]) for token in ids]
