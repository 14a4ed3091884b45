"""Trains the bundled model, measures it and writes its folder: weights/mini.

    python weights/training/train_mini.py [--folder weights/mini] [--steps 2000]

Needs torch and transformers (`pip install sheetgpt[torch]`), takes some minutes on two cores, and uses
no accelerator. The text comes out the same on any machine; the weights only with the same version of
torch on the same kind of processor, because the order in which two threads add numbers up depends on both.
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
from tokenizers import Tokenizer
from transformers import GPT2Config, GPT2LMHeadModel

import mini_card
import mini_corpus
import mini_measure
import mini_tokenizer
from mini_tokenizer import END_ID, VOCABULARY

POSITIONS = 64
BATCH = 64  # rows of 64 tokens
RATE = 3e-3
WARMUP = 100  # steps
DECAY = 0.1
THREADS = 2


def rows(tokenizer: Tokenizer) -> torch.Tensor:
    """[documents, 64]: row i is document i and what follows it, cut; before every twentieth there is an end of text."""
    encoded = [[*encoding.ids, END_ID] for encoding in tokenizer.encode_batch(mini_corpus.documents())]
    starts = np.cumsum([0] + [len(ids) for ids in encoded])
    stream = np.array([token for ids in [*encoded, *encoded] for token in ids])
    table = [
        np.append([END_ID], stream[start : start + POSITIONS - 1]) if i % 20 == 0 else stream[start : start + POSITIONS]
        for i, start in enumerate(starts[:-1])
    ]
    return torch.from_numpy(np.stack(table))


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
    )
    return GPT2LMHeadModel(config)


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


def train(model: GPT2LMHeadModel, table: torch.Tensor, steps: int) -> float:
    """Predict every token from those before it; returns the mean loss of the last hundred steps, in nats a token."""
    optimizer = new_optimizer(model)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, steps))
    epochs = math.ceil(steps * BATCH / len(table))
    order = torch.cat([torch.randperm(len(table)) for _ in range(epochs)])
    losses: list[float] = []
    for step, chosen in enumerate(torch.split(order, BATCH)[:steps], start=1):
        batch = table[chosen]
        logits = model(batch).logits[:, :-1]  # [rows, 63, V]
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 100 == 0:
            print(f"step {step:5} of {steps}: loss {np.mean(losses[-100:]):.4f}", flush=True)
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
    parser.add_argument("--steps", type=int, default=2000)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(mini_corpus.SEED)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    began = time.monotonic()
    tokenizer = mini_tokenizer.train()
    mini_tokenizer.save(tokenizer, arguments.folder)
    model = new_model()
    loss = train(model, rows(tokenizer), arguments.steps)
    save_model(model, arguments.folder)
    minutes = (time.monotonic() - began) / 60
    figures = mini_measure.measure(arguments.folder)
    for task, held_out, right, count in figures.table():
        print(f"{task:16} {'held out' if held_out else 'trained':8} {right:5} of {count:5}")
    training = mini_card.Training(arguments.steps, BATCH, POSITIONS, loss, minutes, torch.__version__.split("+")[0])
    mini_card.write(arguments.folder, figures, training)


if __name__ == "__main__":
    main()
