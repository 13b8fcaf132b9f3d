"""Corrections of the assistant: what staff propose, what a second person approves, how it gets into the project.

An example is added to data/nlu as the data are written: one line below its intent, names of content
marked as `[KRuiser](initiative)` without a value. Which record a name means is looked up in content/
while the assistant runs, so a value here would be a second truth.
"""
