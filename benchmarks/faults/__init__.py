"""What citizens notice when a part of the assistant is killed, frozen, cut off, or loses its disk or its clock."""
