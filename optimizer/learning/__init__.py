"""Own results sharpen the numbers of the next plan, by as much as they deserve."""
