"""All reading of the registry for people; every list is kept within its caller's units."""
