"""An answer handed over: tables as files, workbooks, and text in a terminal."""
