"""The bot as a service: put together, started, stopped."""
