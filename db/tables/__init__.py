"""The SQLite file: how it is opened, its tables, and the migrations that bring older files here."""
