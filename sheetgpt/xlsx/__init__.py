""".xlsx files <-> books: reading, writing, and new values into a copy of a file."""
