"""Reading of what people write: sheets, handwriting, numbers and statements."""
