"""Experiments on a workbook: look inside and intervene from Python, sweeps over many parts, scores of texts.

`lab.Lab` is the class that people use; `sweep` and `score` run the same experiments many times, in many processes.
Every number comes from cells that the workbook's own formulas have calculated.
"""
