"""Text or Python to a graph: located YAML, expressions, macros, the Python builder."""
