"""A fictitious small city's day, written as its machines would have written it.

Run ``python -m samples.generate [FOLDER]``. The same source gives the same bytes: every log family draws from a random
source of its own, seeded with its file's name, and nothing reads a clock.
"""
