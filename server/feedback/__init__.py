"""What the mini-program's users write about a listing, and staff's answers.

Floor 2: which text is taken (``text``), its way in (``sending_in``), the queue of those who answer
(``queue``) and the answer (``answering``).
"""
