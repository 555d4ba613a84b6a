"""Self-contained pages: their frame, styles, charts and pieces of text, whatever a page is about."""
