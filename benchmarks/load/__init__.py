"""How many conversations one machine holds at a time, what limits it, and whether every answer is right then."""
