"""XPath 1.0 (https://www.w3.org/TR/1999/REC-xpath-19991116/): an expression becomes a function of a node.

Names with a prefix are not known here, nor variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile

from sheetgpt.errors import FormulaError
from sheetgpt.functions.core.xml_tree import Node
from sheetgpt.functions.core.xpath_values import (
    FUNCTIONS,
    Context,
    Expression,
    Result,
    arithmetic,
    comparison,
    to_boolean,
    to_number,
)

_TOKEN = (
    r"\s*(?:(?P<literal>\"[^\"]*\"|'[^']*')|(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<name>[^\W\d][\w.-]*(?::[^\W\d:][\w.-]*)?)"
    r"|(?P<sign>::|//|\.\.|!=|<=|>=|[][()@,./|+*=<>$-]))"
)
_WORDS = {"and", "or", "div", "mod"}
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
_NODE_TESTS = {"text", "node", "comment", "processing-instruction"}

Axis = Callable[[Node], Iterable[Node]]


class XPathError(Exception):
    """The text is no expression of XPath."""


def _siblings(node: Node) -> list[Node]:
    return node.parent.children if node.parent and node.kind != "attribute" else [node]


def _top(node: Node) -> Node:
    return [node, *node.ancestors()][-1]


def _following(node: Node) -> Iterable[Node]:
    below = {id(one) for one in node.descendants()}
    return (one for one in _top(node).descendants() if one.place > node.place and id(one) not in below)


def _preceding(node: Node) -> Iterable[Node]:
    above = {id(one) for one in node.ancestors()}
    before = list(takewhile(lambda one: one.place < node.place, _top(node).descendants()))
    return (one for one in reversed(before) if id(one) not in above)


_AXES: dict[str, Axis] = {
    "child": lambda node: node.children,
    "descendant": Node.descendants,
    "descendant-or-self": lambda node: [node, *node.descendants()],
    "self": lambda node: [node],
    "parent": lambda node: [node.parent] if node.parent else [],
    "ancestor": Node.ancestors,
    "ancestor-or-self": lambda node: [node, *node.ancestors()],
    "attribute": lambda node: node.attributes,
    "following-sibling": lambda node: [one for one in _siblings(node) if one.place > node.place],
    "preceding-sibling": lambda node: [one for one in reversed(_siblings(node)) if one.place < node.place],
    "following": _following,
    "preceding": _preceding,
}


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """The expression of a text; raises XPathError, or FormulaError for names with a prefix."""
    try:
        return _Parser(text).whole()
    except RecursionError:
        raise XPathError("too deep") from None


def _document(context: Context) -> list[Node]:
    return [_top(context.node)]


def _combined(operator: str, left: Expression, right: Expression) -> Expression:
    if operator == "or":
        return lambda context: to_boolean(left(context)) or to_boolean(right(context))
    if operator == "and":
        return lambda context: to_boolean(left(context)) and to_boolean(right(context))
    if operator in ("=", "!=", "<", "<=", ">", ">="):
        return lambda context: comparison(operator, left(context), right(context))
    return lambda context: arithmetic(operator, to_number(left(context)), to_number(right(context)))


def _nodes(result: Result) -> list[Node]:
    if not isinstance(result, list):
        raise XPathError("a path from what is no node")
    return result


def _united(nodes: Iterable[Node]) -> list[Node]:
    """Each node once, in the order of the document."""
    return sorted({id(node): node for node in nodes}.values(), key=lambda node: node.place if node.parent else -1)


def _kept(nodes: list[Node], predicate: Expression, context: Context) -> list[Node]:
    """The nodes for which a predicate holds, a number being a position."""
    kept = []
    for position, node in enumerate(nodes, 1):
        result = predicate(replace(context, node=node, position=position, size=len(nodes)))
        if result == position if type(result) is float else to_boolean(result):
            kept.append(node)
    return kept


class _Parser:
    """Reads an expression token by token."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            match = re.compile(_TOKEN).match(text, at)  # compiled where it is used: few books have FILTERXML
            if not match or not match.lastgroup:
                raise XPathError(f"at {text[at:]!r}")
            self.tokens.append((self.kind(match.lastgroup, match[match.lastgroup]), match[match.lastgroup]))
            at = match.end()
        self.at = 0

    def kind(self, group: str, text: str) -> str:
        """After a value a name or * is an operator."""
        before = self.tokens[-1] if self.tokens else ("operator", "")
        after_value = before[0] != "operator" and before[1] not in ("@", "::", "(", "[", ",", "/", "//", "|", "$")
        if (text in _WORDS or text == "*") and after_value:
            return "operator"
        return "operator" if text in ("+", "-", "=", "!=", "<", "<=", ">", ">=") else group

    def next(self, *texts: str) -> str | None:
        """Take the next token if it is one of these signs or operators."""
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if text in texts and kind in ("sign", "operator"):
                self.at += 1
                return text
        return None

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ("", "")

    def need(self, text: str) -> None:
        if not self.next(text):
            raise XPathError(f"{text} is missing")

    def whole(self) -> Expression:
        expression = self.level(0)
        if self.at < len(self.tokens):
            raise XPathError(f"{self.peek()[1]} is too much")
        return expression

    def level(self, level: int) -> Expression:
        """An expression of operators that bind at least so much."""
        if level == len(_LEVELS):
            return self.negated()
        left = self.level(level + 1)
        while self.peek()[0] == "operator" and (operator := self.next(*_LEVELS[level])):
            left = _combined(operator, left, self.level(level + 1))
        return left

    def negated(self) -> Expression:
        if self.next("-"):
            inner = self.negated()
            return lambda context: -to_number(inner(context))
        paths = [self.path()]
        while self.next("|"):
            paths.append(self.path())
        if len(paths) == 1:
            return paths[0]
        return lambda context: _united(node for path in paths for node in _nodes(path(context)))

    def path(self) -> Expression:
        """A location path, or a value with predicates and perhaps a path from there."""
        kind, text = self.peek()
        is_call = kind == "name" and self.peek(1)[1] == "(" and text not in _NODE_TESTS
        if kind in ("literal", "number") or text == "(" or is_call:
            start = self.primary()
            while self.next("["):
                start = self.filtered(start)
            return self.steps(start) if self.peek()[1] in ("/", "//") else start
        if text in ("/", "//"):
            alone = text == "/" and not self.begins_step(1)
            self.at += alone
            return _document if alone else self.steps(_document)
        return self.steps(self.step(lambda context: [context.node]))

    def begins_step(self, ahead: int) -> bool:
        kind, text = self.peek(ahead)
        return kind == "name" or text in ("@", ".", "..", "*")

    def filtered(self, start: Expression) -> Expression:
        predicate = self.level(0)
        self.need("]")
        return lambda context: _kept(_nodes(start(context)), predicate, context)

    def primary(self) -> Expression:
        kind, text = self.peek()
        self.at += 1
        if kind == "literal":
            return lambda _: text[1:-1]
        if kind == "number":
            return lambda _: float(text)
        if text == "(":
            inner = self.level(0)
            self.need(")")
            return inner
        return self.call(text)

    def call(self, name: str) -> Expression:
        self.need("(")
        arguments: list[Expression] = []
        while not self.next(")"):
            if arguments:
                self.need(",")
            arguments.append(self.level(0))
        function = FUNCTIONS.get(name)
        if function is None or not function.least <= len(arguments) <= function.most:
            raise XPathError(f"{name}()")
        return lambda context: function.call(context, *[argument(context) for argument in arguments])

    def steps(self, start: Expression) -> Expression:
        while separator := self.next("/", "//"):
            start = self.step(_along(start, "descendant-or-self") if separator == "//" else start)
        return start

    def step(self, start: Expression) -> Expression:
        """One step from the nodes of `start`: an axis, a test of names, predicates."""
        if self.next("."):
            return start
        if self.next(".."):
            return _along(start, "parent")
        axis = "attribute" if self.next("@") else "child"
        if self.peek(1)[1] == "::":
            axis = self.peek()[1]
            self.at += 2
        test = self.test("attribute" if axis == "attribute" else "element")
        predicates = []
        while self.next("["):
            predicates.append(self.level(0))
            self.need("]")
        return _along(start, axis, test, predicates)

    def test(self, kind: str) -> Callable[[Node], bool]:
        token, text = self.peek()
        self.at += 1
        if text == "*":
            return lambda node: node.kind == kind
        if token != "name":
            raise XPathError(f"{text or 'the end'} in place of a name")
        if self.next("("):
            self.need(")")
            return lambda node: text == "node" or (text == "text" and node.kind == "text")
        if ":" in text:
            raise FormulaError(f"FILTERXML does not know the prefix of {text}", "use local-name() in a predicate")
        return lambda node: node.kind == kind and node.name == text


def _along(
    start: Expression,
    axis: str,
    test: Callable[[Node], bool] = lambda _: True,
    predicates: Iterable[Expression] = (),
) -> Expression:
    """The nodes along an axis that pass the test and the predicates, which count along the axis."""
    walk = _AXES.get(axis)
    if walk is None:
        raise XPathError(f"the axis {axis}")

    def run(context: Context) -> list[Node]:
        found: list[Node] = []
        for node in _nodes(start(context)):
            nodes = [one for one in walk(node) if test(one)]
            context.count(len(nodes) + 1)
            for predicate in predicates:
                nodes = _kept(nodes, predicate, context)
            found += nodes
        return _united(found)

    return run
