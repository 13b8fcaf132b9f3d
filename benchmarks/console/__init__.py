"""Speed of the console."""
