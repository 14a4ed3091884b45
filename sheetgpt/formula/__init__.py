"""Formulas as text and as trees: `parse` reads one, `str` of a tree writes it.

`parser` has the grammar, `skeleton` cuts references and names out of a formula's text, `lexer` cuts the
rest, `nodes` has the nodes of the tree, `table_reference` that of parts of tables, `filling` moves a formula to other
cells. Nothing here knows what a function does. A sheet or name of another workbook has its number or file in front:
"[1]Data", "[1]".
"""

from sheetgpt.formula.nodes import (
    HOLE,
    Apply,
    Array,
    Binary,
    Boolean,
    Call,
    Error,
    Hole,
    Missing,
    Name,
    Node,
    Number,
    Percent,
    Reference,
    Reference3D,
    Sign,
    Text,
    children,
    spine,
)
from sheetgpt.formula.parser import fill, parse, skeleton_tree
from sheetgpt.formula.r1c1 import to_a1
from sheetgpt.formula.skeleton import Cut, cells_rect, cut, is_bracketed, operand, rows_of
from sheetgpt.formula.table_reference import TableReference

__all__ = [
    "HOLE",
    "Apply",
    "Array",
    "Binary",
    "Boolean",
    "Call",
    "Cut",
    "Error",
    "Hole",
    "Missing",
    "Name",
    "Node",
    "Number",
    "Percent",
    "Reference",
    "Reference3D",
    "Sign",
    "TableReference",
    "Text",
    "cells_rect",
    "children",
    "cut",
    "fill",
    "is_bracketed",
    "operand",
    "parse",
    "rows_of",
    "skeleton_tree",
    "spine",
    "to_a1",
]
