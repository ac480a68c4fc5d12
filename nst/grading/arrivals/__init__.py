"""What students hand in while somebody watches: seen, taken in, and answered within the limits that the course sets."""
