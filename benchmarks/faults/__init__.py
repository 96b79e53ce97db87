"""Attacks on the store, the collectors and the dashboard, a file an attack: what was lost or wrong without a word."""
