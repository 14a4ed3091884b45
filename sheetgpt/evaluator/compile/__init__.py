"""From a formula's text to steps: once for each skeleton."""
