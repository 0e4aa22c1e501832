"""Results as workbooks with live formulas and tie-outs."""
