"""Reports as data: JSON, CSV, Markdown, LaTeX. One module per format."""
