"""The book as calculation sees it: numbered sheets and formulas, areas, and which rectangles overlap."""
