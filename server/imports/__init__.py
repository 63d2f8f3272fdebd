"""Tables on their way into drafts: matched, checked, applied."""
