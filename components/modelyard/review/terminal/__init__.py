"""The plan document for a terminal, at 80 columns and wider, with and without colour."""
