"""The faces of the bot: they speak and never decide."""
