"""XML as XPath sees it: nodes that know their parents and their place in the document.

Texts of blanks only do not count, as in MSXML, and a document type is refused: with it come entities, which
may name files or grow without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree import ElementTree


@dataclass(eq=False)
class Node:
    """An element, attribute or text, or the document, which is an element without a name."""

    kind: str  # "element", "attribute", "text" or "document"
    name: str = ""
    text: str = ""
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    attributes: list[Node] = field(default_factory=list)
    place: int = 0

    def descendants(self) -> Iterator[Node]:
        """All nodes below, in the order of the document."""
        waiting = self.children[::-1]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.children[::-1]

    def ancestors(self) -> Iterator[Node]:
        """All nodes above, the nearest one first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def value(self) -> str:
        """The text of the node and of all below it."""
        if self.kind in ("text", "attribute"):
            return self.text
        return "".join(node.text for node in self.descendants() if node.kind == "text")


def parse_document(text: str) -> Node:
    """The document of a text; raises ValueError where it is no XML or has a document type."""
    from xml.etree import ElementTree  # here, as it takes its time

    if "<!DOCTYPE" in text.upper():
        raise ValueError("a document type")
    try:
        top = ElementTree.fromstring(text)  # no document type, so no entities
    except (ElementTree.ParseError, LookupError) as error:
        raise ValueError(str(error)) from None
    document = Node("document")
    _add(document, top)
    for place, node in enumerate(_in_order(document)):
        node.place = place
    return document


def _in_order(document: Node) -> Iterator[Node]:
    for node in document.descendants():
        yield node
        yield from node.attributes


def _add(document: Node, top: ElementTree.Element) -> None:
    """Put an element and all below it into the document; without recursion, however deep it is."""
    first = Node("element", top.tag, parent=document)
    document.children.append(first)
    waiting = [(first, top)]
    while waiting:
        node, element = waiting.pop()
        node.attributes = [Node("attribute", name, value, node) for name, value in element.attrib.items()]
        _add_text(node, element.text)
        for child in element:
            below = Node("element", child.tag, parent=node)
            node.children.append(below)
            waiting.append((below, child))
            _add_text(node, child.tail)


def _add_text(node: Node, text: str | None) -> None:
    if text and text.strip():
        node.children.append(Node("text", text=text, parent=node))
