"""What every part speaks of: records, errors and the table of fields."""
