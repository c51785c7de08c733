"""Reports on the terminal, with rich."""
