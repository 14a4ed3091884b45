"""What the machine offers: progress on a terminal, threads, files that are whole or not there, arrays on disk."""
