"""The people: tables in, checked, and laid out for the rules."""
