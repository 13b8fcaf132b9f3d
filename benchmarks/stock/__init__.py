"""The same project files under stock Rasa on Python 3.10 with TensorFlow: nobody is locked in."""
