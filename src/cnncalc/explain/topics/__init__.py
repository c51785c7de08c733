"""Comparisons from courses, of concrete layers."""
