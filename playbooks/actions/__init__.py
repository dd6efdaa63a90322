"""What action steps do: HTTP calls, own commands in the records, mail, and what is left to people."""
