"""Exercises: one step of block 0 left to the learner, and what tells right from wrong."""
