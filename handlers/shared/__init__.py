"""What the files of handlers share: the context of an update, messages, buttons, commands, settings."""
