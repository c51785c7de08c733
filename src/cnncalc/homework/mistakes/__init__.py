"""Known mistakes: the wrong answer that each gives to a question, and the equation that leads there."""
