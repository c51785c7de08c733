"""Repeats, blocks, residuals and branches, expanded to plain nodes."""
