"""The ledger of the ten actions, for the departments."""
