"""The matrices of the Jacobian lens for the bundled model, into weights/mini/jacobian.safetensors.

    python weights/training/fit_jacobian.py [--folder weights/mini]

J_l says what a change of the residual stream behind block l does, on average, to that behind the last block, in its
own row and in all rows after it: J_l[i, j] is the mean over prompts and rows t of the sum over rows u >= t of
d x_last[u, i] / d x_l[t, j]. So the lens of a row x is ln_f(x @ J_l.T) @ wte.T. Both x are step 16 of a block, before
ln_f. The last block has none: its matrix would be the identity.

Source: "Verbalizable Representations Form a Global Workspace in Language Models", 2026. The code published with it
(github.com/anthropics/jacobian-lens) keeps the same matrices in the same orientation, without the last block too, as
{"J": {layer: matrix}, "n_prompts", "source_layers", "d_model"} in a pickled .pt file. It leaves out the first 16 rows
of each prompt; here all rows count, for a workbook has 16.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import GPT2LMHeadModel

import mini_documents
import mini_tokenizer
from mini_tokenizer import END_ID

PROMPTS = 128
ROWS = 16  # tokens of a prompt, as many as a workbook has rows


def prompts(tokenizer: Tokenizer) -> torch.Tensor:
    """[128, 16]: the first tokens of the first texts of the training rows, every other one behind an end of text."""
    made = mini_documents.documents(tokenizer)
    texts = [document.ids for document in made if not document.sequence and len(document.ids) >= ROWS]
    return torch.tensor([([END_ID] * (i % 2) + ids)[:ROWS] for i, ids in enumerate(texts[:PROMPTS])])


def residual_states(model: GPT2LMHeadModel, ids: torch.Tensor) -> list[torch.Tensor]:
    """The residual stream [prompts, rows, d] behind each block, with what torch needs to differentiate it."""
    states: list[torch.Tensor] = []
    hooks = [
        block.register_forward_hook(lambda _, __, out: states.append(_first(out))) for block in model.transformer.h
    ]
    model(ids)
    for hook in hooks:
        hook.remove()
    return states


def _first(output: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor:
    """What a block gives on: some versions of transformers wrap it in a tuple."""
    return output[0] if isinstance(output, tuple) else output


def jacobians(model: GPT2LMHeadModel, ids: torch.Tensor) -> torch.Tensor:
    """[layers - 1, d, d], in the model's precision, from prompts [prompts, rows] of equal length.

    One pass back for each column of the last state: its sum over all rows, differentiated at row t, is the sum over the
    rows from t on, because no row reads a later one.
    """
    *sources, last = residual_states(model, ids)
    rows = []
    for column in range(last.shape[-1]):
        slopes = torch.autograd.grad(last[..., column].sum(), sources, retain_graph=True)
        rows.append(torch.stack([slope.mean(dim=(0, 1)) for slope in slopes]))
    return torch.stack(rows, dim=1)


def fit(folder: Path) -> torch.Tensor:
    """[layers - 1, d, d] float64 of the model in a folder, from `prompts`."""
    model = GPT2LMHeadModel.from_pretrained(folder).double()
    return jacobians(model, prompts(mini_tokenizer.train()))


def main() -> None:
    """Write the file: h.0, h.1 ... in float32."""
    parser = argparse.ArgumentParser(description="Fit the Jacobian lens of the bundled model.")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent.parent / "mini")
    folder = parser.parse_args().folder
    matrices = {f"h.{layer}": matrix.float().contiguous() for layer, matrix in enumerate(fit(folder))}
    said = {"d_model": str(len(matrices["h.0"])), "n_prompts": str(PROMPTS), "rows": str(ROWS)}
    save_file(matrices, folder / "jacobian.safetensors", metadata={"format": "pt"} | said)
    (folder / "jacobian.safetensors").chmod(0o644)  # safetensors writes it for its owner only


if __name__ == "__main__":
    main()
