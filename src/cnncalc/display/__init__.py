"""Reports on a screen, with rich."""
