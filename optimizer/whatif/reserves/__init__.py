"""Who to call when somebody who is booked says no."""
