"""How many threads numpy may take, settled before it is imported."""

from __future__ import annotations

import os
from pathlib import Path

_SMALL = 64_000_000  # bytes of a workbook


def spare_threads(book: Path) -> None:
    """Let numpy multiply the matrices of a small workbook in one thread: others would only wait for work, and busily.

    Only before numpy is imported; whoever has set the variable is heeded.
    """
    if book.is_file() and book.stat().st_size < _SMALL:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
