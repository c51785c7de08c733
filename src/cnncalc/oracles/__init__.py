"""Networks rebuilt in other frameworks, to compare with; each behind an extra."""
