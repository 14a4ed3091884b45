"""One model in a folder of workbooks: built, read, and calculated from one to the next."""
