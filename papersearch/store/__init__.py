"""Everything that touches the index folder; ``writer`` alone changes it."""
