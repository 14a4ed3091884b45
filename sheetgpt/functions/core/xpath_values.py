"""The values of XPath 1.0: node-sets, booleans, numbers and texts; its operators and functions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sheetgpt.errors import FormulaError
from sheetgpt.functions.core.xml_tree import Node

Result = list[Node] | bool | float | str
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_MOST_VISITS = 5_000_000
_BLANKS = " \t\r\n"


@dataclass
class Context:
    """A node, its position among the nodes looked at, and how many there are."""

    node: Node
    position: int = 1
    size: int = 1
    visited: list[int] = field(default_factory=lambda: [0])  # how many nodes, by all that is calculated together

    def count(self, nodes: int) -> None:
        """Remember that so many nodes were visited; raises FormulaError where it would take minutes."""
        self.visited[0] += nodes
        if self.visited[0] > _MOST_VISITS:
            raise FormulaError("an expression of FILTERXML visits too many nodes", "take a shorter path to them")


Expression = Callable[[Context], Result]


def to_text(result: Result) -> str:
    """The text of a value; of a node-set that of its first node."""
    if isinstance(result, list):
        return result[0].value() if result else ""
    if isinstance(result, bool):
        return "true" if result else "false"
    if isinstance(result, float):
        if math.isnan(result):
            return "NaN"
        if math.isinf(result):
            return "Infinity" if result > 0 else "-Infinity"
        return str(int(result)) if result == int(result) else repr(result)
    return result


def to_number(result: Result) -> float:
    """The number of a value, NaN for a text that is none."""
    if isinstance(result, bool | float):
        return float(result)
    text = to_text(result).strip(_BLANKS)
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def to_boolean(result: Result) -> bool:
    """Whether a value is not empty, not 0 and not NaN."""
    if isinstance(result, float):
        return bool(result) and not math.isnan(result)
    return bool(result)


_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def comparison(operator: str, left: Result, right: Result) -> bool:
    """A comparison; a node-set stands for any of its nodes."""
    if isinstance(left, bool) or isinstance(right, bool):
        return _COMPARED[operator](to_boolean(left), to_boolean(right))
    lefts, rights = ([node.value() for node in one] if isinstance(one, list) else [one] for one in (left, right))
    if operator == "=" and isinstance(left, list) and isinstance(right, list):
        return not set(lefts).isdisjoint(rights)
    return any(_compared(operator, a, b) for a in lefts for b in rights)


def _compared(operator: str, a: str | float, b: str | float) -> bool:
    if operator in ("=", "!=") and isinstance(a, str) and isinstance(b, str):
        return (a == b) == (operator == "=")
    return _COMPARED[operator](to_number(a), to_number(b))


def arithmetic(operator: str, a: float, b: float) -> float:
    """+ - * div mod on doubles; mod has the sign of the dividend."""
    if operator in ("div", "mod") and b == 0:
        return math.nan if operator == "mod" or a == 0 or math.isnan(a) else math.copysign(math.inf, a)
    if operator == "mod":
        return math.fmod(a, b) if math.isfinite(a) else math.nan
    return {"+": a + b, "-": a - b, "*": a * b}[operator] if operator != "div" else a / b


@dataclass
class Function:
    """A function of XPath: what it calculates, and how many arguments it takes."""

    call: Callable[..., Result]
    least: int = 1
    most: int = 1


def _of_text(function: Callable[[str], Result]) -> Function:
    """A function of a text, or of the node where none is given."""

    def call(context: Context, result: Result | None = None) -> Result:
        return function(context.node.value() if result is None else to_text(result))

    return Function(call, 0)


def _of_texts(function: Callable[..., Result], count: int) -> Function:
    return Function(lambda _, *results: function(*map(to_text, results)), count, count)


def _of_number(function: Callable[[float], float]) -> Function:
    def call(_: Context, result: Result) -> float:
        number = to_number(result)
        return float(function(number)) if math.isfinite(number) else number

    return Function(call)


def _name(context: Context, nodes: Result | None = None) -> str:
    node = context.node if nodes is None else nodes[0] if isinstance(nodes, list) and nodes else None
    return node.name.rpartition("}")[2] if node else ""


def _count(_: Context, nodes: Result) -> float:
    return float(len(nodes)) if isinstance(nodes, list) else math.nan


def _sum(_: Context, nodes: Result) -> float:
    return math.fsum(to_number(node.value()) for node in nodes) if isinstance(nodes, list) else math.nan


def _substring(_: Context, text: Result, start: Result, length: Result = math.inf) -> str:
    first = to_number(start)
    first = float(math.floor(first + 0.5)) if math.isfinite(first) else first
    count = to_number(length)
    last = first + (float(math.floor(count + 0.5)) if math.isfinite(count) else count)
    return "".join(letter for place, letter in enumerate(to_text(text), 1) if first <= place < last)


def _translate(text: str, source: str, target: str) -> str:
    table = {ord(letter): target[place : place + 1] or None for place, letter in reversed(list(enumerate(source)))}
    return text.translate(table)


FUNCTIONS: dict[str, Function] = {
    "last": Function(lambda context: float(context.size), 0, 0),
    "position": Function(lambda context: float(context.position), 0, 0),
    "count": Function(_count),
    "local-name": Function(_name, 0),
    "name": Function(_name, 0),
    "string": _of_text(str),
    "concat": Function(lambda _, *results: "".join(map(to_text, results)), 2, 255),
    "starts-with": _of_texts(str.startswith, 2),
    "contains": _of_texts(lambda text, part: part in text, 2),
    "substring-before": _of_texts(lambda text, part: text.partition(part)[0] if part in text else "", 2),
    "substring-after": _of_texts(lambda text, part: text.partition(part)[2] if part in text else "", 2),
    "substring": Function(_substring, 2, 3),
    "string-length": _of_text(lambda text: float(len(text))),
    "normalize-space": _of_text(lambda text: " ".join(part for part in re.split(f"[{_BLANKS}]+", text) if part)),
    "translate": _of_texts(_translate, 3),
    "boolean": Function(lambda _, result: to_boolean(result)),
    "not": Function(lambda _, result: not to_boolean(result)),
    "true": Function(lambda _: True, 0, 0),
    "false": Function(lambda _: False, 0, 0),
    "number": Function(lambda context, *given: to_number(given[0] if given else [context.node]), 0),
    "sum": Function(_sum),
    "floor": _of_number(math.floor),
    "ceiling": _of_number(math.ceil),
    "round": _of_number(lambda number: math.floor(number + 0.5)),
}
