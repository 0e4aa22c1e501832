"""`python -m optimizer` is the command `optimize`, where scripts are not on the path."""

from optimizer.cli.main import main

if __name__ == "__main__":
    main()
