"""Clocks of incidents and notices: by when something must be done, and what comes of it when it is not."""
