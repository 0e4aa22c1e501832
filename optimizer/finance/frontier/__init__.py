"""What other budgets would bring."""
