"""Comparisons that a course makes, of concrete layers."""
