"""YAML with positions, and the expressions in it."""
