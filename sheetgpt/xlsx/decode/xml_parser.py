"""Expat, with one kind of error for all that can be wrong with a text."""

from __future__ import annotations

from xml.parsers import expat


def new_parser(encoding: str | None = None) -> expat.XMLParserType:
    """A parser that raises ExpatError for a document type, which no part of a package may declare (ECMA-376, part 2).

    So no entity can stand for markup or grow without end. A given `encoding` counts, whatever the text says.
    """
    parser = expat.ParserCreate(encoding)
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def feed(parser: expat.XMLParserType, data: bytes, final: bool) -> None:
    """Parse some text; raises ExpatError, also for an encoding that Python does not know."""
    try:
        parser.Parse(data, final)
    except LookupError as error:
        if type(error) is not LookupError:  # a KeyError or IndexError comes from the handlers
            raise
        raise expat.ExpatError(str(error)) from None


def _refuse(*_: object) -> None:
    raise expat.ExpatError("it declares a document type")
