"""What a cell can hold: a number, a text, TRUE or FALSE, an error, or nothing."""

from __future__ import annotations

from enum import Enum


class ErrorValue(Enum):
    """The errors that a cell can hold; `ErrorValue("#N/A")` finds one by its text."""

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"
    GETTING_DATA = "#GETTING_DATA"
    SPILL = "#SPILL!"
    CALC = "#CALC!"
    CONNECT = "#CONNECT!"  # this one and those below come from services and data types, never from a formula here
    BLOCKED = "#BLOCKED!"
    UNKNOWN = "#UNKNOWN!"
    FIELD = "#FIELD!"
    BUSY = "#BUSY!"
    PYTHON = "#PYTHON!"
    EXTERNAL = "#EXTERNAL!"
    TIMEOUT = "#TIMEOUT!"

    def __str__(self) -> str:
        return str(self.value)


Value = float | str | bool | ErrorValue | None
