"""The local chat page: a small Telegram client in the browser, and the bot itself behind it, without a token."""
