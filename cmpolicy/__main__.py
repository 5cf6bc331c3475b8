"""`python -m cmpolicy` is the command `cmpolicy`."""

from cmpolicy.cli import main

if __name__ == "__main__":
    main()
