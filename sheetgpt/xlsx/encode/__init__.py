"""Values and formulas -> XML of worksheets and zip archives, in bulk, with a deflate encoder of our own."""
