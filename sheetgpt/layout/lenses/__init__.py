"""Lenses: sheets of live formulas over the steps of a model, each showing one thing that goes on inside."""
