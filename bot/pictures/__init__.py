"""Charts and wide tables as pictures, for channels that can show a picture but draw nothing themselves."""
