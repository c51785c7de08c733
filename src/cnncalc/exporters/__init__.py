"""Reports as data: JSON, CSV, Markdown. One module per format."""
