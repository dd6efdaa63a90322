"""Who is accountable and for what: units, systems, resources, consumers, grants, and the index that flows meet."""
