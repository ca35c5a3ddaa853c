"""The rows: one module a section or two, declarations only."""
