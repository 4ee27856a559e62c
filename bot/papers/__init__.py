"""Answers on paper: PDF with text that can be selected and searched."""
