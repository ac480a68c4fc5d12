"""The judge: what a student hands in is run in a sandbox and examined from outside. For instructors; see README.md."""
