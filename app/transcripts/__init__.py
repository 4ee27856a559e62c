"""Conversations as test data: what a person says and what the service must answer, on a simulated clock."""
