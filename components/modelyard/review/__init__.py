"""One plan document, to the terminal, HTML, markdown and JSON."""
