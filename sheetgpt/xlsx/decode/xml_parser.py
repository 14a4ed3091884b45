"""Expat, with one kind of error for all that can be wrong with a text."""

from __future__ import annotations

from xml.parsers import expat


def feed(parser: expat.XMLParserType, data: bytes, final: bool) -> None:
    """Parse some text; raises ExpatError, also for an encoding that Python does not know."""
    try:
        parser.Parse(data, final)
    except LookupError as error:
        if type(error) is not LookupError:  # a KeyError or IndexError comes from the handlers
            raise
        raise expat.ExpatError(str(error)) from None
