"""What one assignment's notebooks import and no other's, and what carries functions between notebooks."""
