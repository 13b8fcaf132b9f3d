"""Whether answers take longer when content, conversations or the database grow."""
