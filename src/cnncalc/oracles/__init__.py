"""Networks rebuilt in other frameworks for comparison; each needs an extra."""
