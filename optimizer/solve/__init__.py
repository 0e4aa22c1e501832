"""A program -> the best bookings, recounted and proven. The only room that knows a solver."""
