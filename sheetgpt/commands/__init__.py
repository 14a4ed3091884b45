"""What the commands of the command line do, as library calls: one command, one module."""
