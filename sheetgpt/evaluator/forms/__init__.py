"""What Excel does not calculate like a function: IF and its kin, INDEX, OFFSET, ROW, operators of references."""
