"""The practice passport: codes that hang at the bases, stamps for being there, what they earn."""
