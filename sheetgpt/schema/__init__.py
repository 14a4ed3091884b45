"""What stands under which defined name of our workbooks, and how to read it back."""
