"""What people write, read: sheets, handwriting, numbers, statements."""
