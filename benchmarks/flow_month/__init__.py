"""A month of data flows in the demo city, with violations planted that are known by name."""
