"""How early and how often detectors are right: on public curves, on the zoo, and how fast."""
