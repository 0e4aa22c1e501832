"""Questions about budgets: scenarios side by side, results by budget."""
