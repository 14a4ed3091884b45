"""What lies on a sheet: comments, charts, images; found by the relations of its part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sheetgpt.xlsx.looks_diff.marks import Mark, Places
from sheetgpt.xlsx.looks_diff.xml_tree import parse, text_of, walk
from sheetgpt.xlsx.package import Package


def objects_of(package: Package, part: str, places: Places) -> Iterator[Mark]:
    """The comments, charts and images of the sheet with a part."""
    number = 0
    for kind, target in package.related(part).values():
        if kind.endswith("/comments"):
            yield from _comments(package, target, places)
        elif kind.endswith("/drawing"):
            yield from _shapes(package, target)
            for inner_kind, inner in package.related(target).values():
                if inner_kind.endswith("/chart"):
                    number += 1
                    yield Mark(f"chart {number}", "", _chart(package, inner, places))
                elif inner_kind.endswith("/image"):
                    digest = hashlib.sha256(package.archive.read(package.info(inner))).hexdigest()
                    yield Mark("image", "", f"SHA-256 {digest[:16]}")


def links_of(package: Package, part: str) -> dict[str, str]:
    """The addresses of a sheet's links, by their ids."""
    return {key: target for key, (kind, target) in package.related(part).items() if kind.endswith("/hyperlink")}


def _comments(package: Package, part: str, places: Places) -> Iterator[Mark]:
    for entry in parse(package.archive.read(package.info(part))).iter("comment"):
        text = text_of(entry).replace("\r\n", "\n").strip()
        yield Mark("comment", places.text(entry.get("ref", "")), text)


def _shapes(package: Package, part: str) -> Iterator[Mark]:
    """The shapes of a drawing, with their texts."""
    for number, shape in enumerate(parse(package.archive.read(package.info(part))).iter("sp"), 1):
        yield Mark("shape", "", f"{number}: {text_of(shape)}")


def _chart(package: Package, part: str, places: Places) -> str:
    """The kinds of a chart, what its series read, and its texts."""
    root = parse(package.archive.read(package.info(part)))
    kinds = [entry.tag for entry in root.iter() if entry.tag.endswith(("Chart", "Chart3D")) and len(entry)]
    reads = [entry.text or "" for entry in walk(root, "f")]
    reads = [places.formula(text).replace("$", "") for text in reads if not text.startswith('"')]
    texts = [text.text or "" for text in walk(root, "t") if (text.text or "").strip()]
    return f"{', '.join(kinds)} of {', '.join(reads)}" + (f", texts {', '.join(texts)}" if texts else "")
