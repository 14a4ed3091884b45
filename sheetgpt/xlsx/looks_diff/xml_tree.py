"""Small parts of XML as trees, their names without namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET


def parse(data: bytes) -> ET.Element:
    """The tree of some XML; raises ValueError where it is none."""
    try:
        root = ET.fromstring(data)
    except ET.ParseError as error:
        raise ValueError(str(error)) from None
    for element in root.iter():
        element.tag = local(element.tag)
        element.attrib = {local(name): value for name, value in element.attrib.items()}
    return root


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def child(element: ET.Element | None, name: str) -> ET.Element | None:
    """The first child of a name; None if there is none."""
    return None if element is None else element.find(name)


def children(element: ET.Element | None, name: str) -> list[ET.Element]:
    """The children of a name."""
    return [] if element is None else element.findall(name)


def text_of(element: ET.Element, name: str = "t") -> str:
    """The texts of all elements of a name inside, joined."""
    return "".join(inner.text or "" for inner in element.iter(name))


def is_on(value: str | None) -> bool:
    """Whether an attribute says yes."""
    return value in ("1", "true", "on")


def walk(element: ET.Element, *names: str) -> Iterator[ET.Element]:
    """All elements of some names inside, in order."""
    return (inner for inner in element.iter() if inner.tag in names)
