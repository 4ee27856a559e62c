"""How computed answers are said: values of `rules` in, neutral messages out."""
