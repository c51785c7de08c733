"""Verification: every number of a report, measured in a run."""
