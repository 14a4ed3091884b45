"""Formulas as trees that can be taken apart: a `Term` is a function or operator with its arguments, or a leaf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = ("+", "-", "*", "/", "^", "&", "=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True)
class Term:
    """A call (`head` is the function), an operator with its operands, or a leaf whose text is `head`."""

    head: str
    arguments: tuple[Term, ...] = ()
    leaf: bool = False

    def __str__(self) -> str:
        if self.leaf:
            return self.head
        texts = [str(argument) for argument in self.arguments]
        if self.head == "%":
            return f"{_bracketed(self.arguments[0])}%"
        if self.head == "negative":
            return f"-{_bracketed(self.arguments[0])}"
        if self.head in OPERATORS:
            return self.head.join(_bracketed(argument) for argument in self.arguments)
        return f"{self.head}({','.join(texts)})"

    def inner(self) -> Iterator[Term]:
        """The calls and operators in it, from the innermost to itself."""
        if not self.leaf:
            for argument in self.arguments:
                yield from argument.inner()
            yield self

    def leaves(self) -> Iterator[Term]:
        """The leaves in it, from left to right."""
        if self.leaf:
            yield self
        for argument in self.arguments:
            yield from argument.leaves()

    def replaced(self, arguments: tuple[Term, ...]) -> Term:
        """The same function of other arguments."""
        return Term(self.head, arguments)


def leaf(text: str) -> Term:
    """A constant, a reference or a name."""
    return Term(text, leaf=True)


def _bracketed(term: Term) -> str:
    """An operand: in brackets where it is made by an operator, or begins with a sign."""
    text = str(term)
    plain = term.leaf and not text.startswith("-")
    return text if plain or (not term.leaf and term.head[0].isalpha() and term.head != "negative") else f"({text})"


@dataclass(frozen=True)
class Sample:
    """A random formula: its tree, and whether it is entered as an array formula of one cell."""

    term: Term
    array: bool = False

    def __str__(self) -> str:
        return f"{{={self.term}}}" if self.array else f"={self.term}"


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()
