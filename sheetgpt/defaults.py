"""Defaults and choices that the help of the command line shows, apart from the modules that do the work."""

from __future__ import annotations

CANDIDATES = 40  # how many of the best tokens a row lists, unless a build says otherwise
COMPRESSIONS = ("faster", "balanced", "smaller")
