"""Macros: repeats, blocks, residuals and branches, expanded to nodes."""
