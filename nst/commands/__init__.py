"""The command `nst`: a module for each subcommand."""
