"""How hard the writer works for a small file."""

from __future__ import annotations

from typing import Literal, get_args

Compression = Literal["faster", "balanced", "smaller"]
COMPRESSIONS: tuple[Compression, ...] = get_args(Compression)
