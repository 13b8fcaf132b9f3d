"""Whether memory and open files stay what they are while citizens talk for hours."""
