"""What the city says: records, their loading and checking, and look-up by name."""
