"""`python -m livescripts` is `livescripts`."""

from livescripts.cli.main import entry

if __name__ == "__main__":
    entry()
