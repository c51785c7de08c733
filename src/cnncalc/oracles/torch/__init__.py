"""A network as a torch module."""
