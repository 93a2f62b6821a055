"""What the files for those who look after the knowledge share: roles checked, drafts, trying and publishing changes."""
