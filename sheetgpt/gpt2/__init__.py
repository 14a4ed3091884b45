"""GPT-2 itself: configuration, checkpoint, tokenizer, forward pass and sampling in plain numpy."""
