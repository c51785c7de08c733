"""Answers of students: read, marked, and diagnosed where they are wrong; and sheets of questions."""
