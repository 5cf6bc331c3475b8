"""The commands, a module for each subject; `cmpolicy.cli` is their table of contents."""
