"""Backups of knowledge.db and people.db: made while the bot runs, checked, rotated, restored; and what is checked at start."""
