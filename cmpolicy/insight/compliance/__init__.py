"""What the law says about a regulation: checks CC01-CC22, each a small function beside its text. Not legal advice."""
