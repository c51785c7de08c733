"""YAML with positions, and expressions."""
