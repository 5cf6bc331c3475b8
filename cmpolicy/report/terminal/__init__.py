"""The terminal: a module for each subject, as the commands have."""
