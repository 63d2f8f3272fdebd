"""Telling families through WeChat that their line is suspended or changed.

Floor 2: who subscribed (``subscriptions``), how many messages WeChat still takes for whom
(``consents``), which notices are to be told (``noticed``, ``laying``), the words (``wording``),
the sending (``outbox``, ``sending``) and what staff see and may do (``overview``, ``acts``).
"""
