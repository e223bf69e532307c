"""One module a command: a thin typer shell over a plain function that returns a value."""
