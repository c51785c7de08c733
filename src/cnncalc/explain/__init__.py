"""Explanations of numbers: the rules read as sums, for layers, totals and topics."""
