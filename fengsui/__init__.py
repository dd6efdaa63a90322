"""Fengsui 烽燧: the command line, the settings, and the wiring of the parts into processes."""
