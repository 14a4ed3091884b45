"""One calculation: formulas as soon as they are ready, and the same order replayed the next time."""
