"""Tells people of clocks: who, by policy; in the console, by mail and by webhook; each of them once."""
