"""The progress ledger's rules: what a report holds, how it lives, what all of them add up to.

A programme (``config.programmes``) names the actions, their indicators and units. A report is one
unit's on one action for one quarter. Pages and the internal API stand above and ask these rules.
"""
