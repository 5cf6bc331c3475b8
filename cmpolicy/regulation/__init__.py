"""The regulation: its clauses as rules, its values as data, its unclear places as named readings."""
