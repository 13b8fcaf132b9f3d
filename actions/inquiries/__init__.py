"""Requests to the office, as a citizen makes them: two Rasa forms, their questions, and what becomes of a request.

`desk` is the way to smartcity/inquiries, which keeps what the citizen tells, encrypted. Rasa's slots
hold markers only. `steps` knows what is asked in which order, `reading` what an answer means,
`cards` what is said, `form` and `withdrawal` are the forms' validation actions, `doors` begins and continues.
"""
