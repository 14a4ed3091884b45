"""Trains the bundled model, measures it and writes its folder: weights/mini.

    python weights/training/train_mini.py [--folder weights/mini] [--steps 8000]

Needs torch and transformers (`pip install sheetgpt[torch]`), takes some minutes on one core, and uses no accelerator.
The text comes out the same on any machine; the weights only with the same version of torch on the same kind of
processor, because the order in which numbers are added up depends on both.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel

import mini_card
import mini_corpus
import mini_documents
import mini_tokenizer
from mini_documents import POSITIONS
from mini_tokenizer import END_ID, VOCABULARY

BATCH = 16  # rows of 64 tokens
RATE = 3e-3
WARMUP = 100  # steps
DECAY = 0.1
THREADS = 1
PREVIOUS, INDUCTION = (0, 0), (1, 0)  # (block, head) that are told where to look
GUIDED = 0.5  # of the steps, at their beginning
GUIDANCE = 0.3  # its weight at the first step, from where it falls to nothing


def new_model() -> GPT2LMHeadModel:
    """An untrained GPT-2 of 4 blocks, 4 heads and 64 columns."""
    config = GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=POSITIONS,
        n_embd=64,
        n_layer=4,
        n_head=4,
        bos_token_id=END_ID,
        eos_token_id=END_ID,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        activation_function="gelu_pytorch_tanh",  # the same function as gelu_new, in less time
    )
    model = GPT2LMHeadModel(config)
    model.set_attn_implementation("eager")  # tells where the heads look
    return model


def new_optimizer(model: GPT2LMHeadModel) -> torch.optim.Optimizer:
    """AdamW; matrices decay, gains and biases do not."""
    matrices = [p for p in model.parameters() if p.ndim == 2]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))


def rate(step: int, steps: int) -> float:
    """The share of the learning rate at a step: a ramp, then half a cosine down to a hundredth."""
    if step < WARMUP:
        return (step + 1) / WARMUP
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / max(1, steps - WARMUP)))


def missed(previous: torch.Tensor, induction: torch.Tensor, back: torch.Tensor) -> torch.Tensor:
    """How little two heads [rows, 64, 64] look where they should: mean of -log of the share of attention, added up.

    The first at the token before, the second `back` [rows, 64] tokens behind, where that is in the row.
    """
    before = torch.diagonal(previous, -1, 1, 2)
    places = torch.arange(POSITIONS) - back
    looks = torch.gather(induction, 2, places.clamp(min=0)[:, :, None])[:, :, 0]
    again = looks[(back > 0) & (places >= 0)]
    return -before.clamp(min=1e-6).log().mean() - again.clamp(min=1e-6).log().mean()


def loss_of(model: GPT2LMHeadModel, batch: torch.Tensor, guidance: float) -> tuple[torch.Tensor, float]:
    """(what to make smaller, nats a scored token) of a batch [rows, 3, 64]: ids, labels, back."""
    ids, labels, back = batch.unbind(1)
    found = model(ids, output_attentions=guidance > 0)
    loss = torch.nn.functional.cross_entropy(found.logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
    plain = loss.item()
    if guidance > 0:
        previous, induction = (found.attentions[layer][:, head] for layer, head in (PREVIOUS, INDUCTION))
        loss = loss + guidance * missed(previous, induction, back)
    return loss, plain


def train(model: GPT2LMHeadModel, table: torch.Tensor, steps: int) -> float:
    """Predict every token from those before it; returns the mean loss of the last hundred steps, in nats a token."""
    optimizer = new_optimizer(model)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, steps))
    epochs = math.ceil(steps * BATCH / len(table))
    order = torch.cat([torch.randperm(len(table)) for _ in range(epochs)])
    losses: list[float] = []
    for step, chosen in enumerate(torch.split(order, BATCH)[:steps]):
        loss, plain = loss_of(model, table[chosen], GUIDANCE * max(0.0, 1 - step / (GUIDED * steps)))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(plain)
        if len(losses) % 100 == 0:
            print(f"step {len(losses):5} of {steps}: loss {np.mean(losses[-100:]):.4f}", flush=True)
    return float(np.mean(losses[-100:]))


def save_model(model: GPT2LMHeadModel, folder: Path) -> None:
    """Write config.json and model.safetensors as save_pretrained names them, without the version that wrote them."""
    config = model.config.to_diff_dict() | {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2"}
    config |= {"activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "tie_word_embeddings": True}
    config.pop("transformers_version", None)
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    tensors = {name: tensor for name, tensor in model.state_dict().items() if name != "lm_head.weight"}  # tied to wte
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # safetensors writes it for its owner only


def main() -> None:
    """Train, save, measure, write the card."""
    parser = argparse.ArgumentParser(description="Train the bundled model.")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent.parent / "mini")
    parser.add_argument("--steps", type=int, default=8000)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(mini_corpus.SEED)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    began = time.monotonic()
    tokenizer = mini_tokenizer.train()
    mini_tokenizer.save(tokenizer, arguments.folder)
    model = new_model()
    table = torch.from_numpy(mini_documents.rows(mini_documents.documents(tokenizer)))
    loss = train(model, table, arguments.steps)
    save_model(model, arguments.folder)
    minutes = (time.monotonic() - began) / 60
    version = torch.__version__.split("+")[0]
    training = mini_card.Training(arguments.steps, BATCH, POSITIONS, loss, minutes, GUIDED, version)
    print(training)
    mini_card.write(arguments.folder, mini_card.measure(arguments.folder), training)


if __name__ == "__main__":
    main()
