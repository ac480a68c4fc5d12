"""What the notebooks of the course import, beside `nst_utils`."""
