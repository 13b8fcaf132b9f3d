"""Understanding: the held-out set through our running system, beside Rasa's default pipeline."""
