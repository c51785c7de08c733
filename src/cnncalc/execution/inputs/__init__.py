"""Where arrays come from: files, pictures, words, written values, or drawn from a seed."""
