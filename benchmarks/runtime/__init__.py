"""Speed and memory of the running assistant, beside Rasa's default assistant."""
