"""Checkpoints from a Hugging Face hub."""
