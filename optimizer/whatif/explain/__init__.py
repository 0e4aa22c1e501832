"""Why this plan: prices, rules, negotiation, tipping points."""
