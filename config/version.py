"""Which version of the application this is; ``pyproject.toml`` says the same."""

VERSION = "1.0.0"
