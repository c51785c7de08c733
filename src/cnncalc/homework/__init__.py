"""Homework: students' answers read, marked and diagnosed, and sheets of questions."""
