"""Values against values, books against books: where they agree, and what changed from one to the other."""
