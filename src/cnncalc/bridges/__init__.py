"""Other frameworks, each behind an extra."""
