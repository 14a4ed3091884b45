"""Batches: formulas of one shape calculated together, and the arrays that come of them."""
