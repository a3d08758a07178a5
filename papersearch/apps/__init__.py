"""The programs: one folder for each way in."""
