"""Detection: Sigma rules loaded and compiled, matched against events, and their matches grouped into alerts."""
