"""The faces of the bot on a terminal, one command a file."""
