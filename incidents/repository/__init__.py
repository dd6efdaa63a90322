"""All reading of alerts' queue, incidents and notices; lists are kept within their caller's units."""
