"""What the formula cells of lens sheets should hold, a module for each lens."""
