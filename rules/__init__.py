"""What follows from the facts. Pure: no I/O, no clock, no database, no chat."""
