"""Who may do what, as the rules have it."""

from flask import Response

from server.console.frame import page
from server.console.gate import needs
from server.console.role_words import ACTIONS, ROLES
from server.permissions import ALLOWED, Action
from server.staff.blueprint import staff


@staff.get("/roles")
@needs(Action.OWN_ACCOUNT)
def roles() -> Response:
    """The table of roles and actions, for everybody: nobody should have to ask."""
    rows = [
        (title, [action in ALLOWED[role] for role in ROLES]) for action, title in ACTIONS.items()
    ]
    return page("staff/roles.html", roles=ROLES, rows=rows)
