"""One outcome looked at closely."""
