"""Known mistakes: what each makes of a question, and the sum that leads there."""
