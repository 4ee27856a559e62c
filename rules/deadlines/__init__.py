"""Statutory days and official fees, computed from the dated tables of the knowledge base."""
