"""Descriptions to graphs: YAML with positions, expressions, macros, and the Python builder."""
