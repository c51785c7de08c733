"""Exact calculator and analyzer for convolutional networks."""
