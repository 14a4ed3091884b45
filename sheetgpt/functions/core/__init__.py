"""What Excel's functions share: signatures, coercion, broadcasting, criteria, look-ups, dates."""
