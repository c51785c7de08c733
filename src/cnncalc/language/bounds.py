"""Bounds on what a description may say, which its schema says, too."""

MOST_AXES = 5
"""Axes of an input, without the batch."""

LARGEST_FLOAT = 1e18
"""Bound on decimals, checked first: as an exact number, 1e999999 has a million digits."""
