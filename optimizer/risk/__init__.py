"""What might come otherwise: how bad it gets, and what one would have booked had one known."""
