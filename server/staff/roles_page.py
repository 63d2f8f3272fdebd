"""Who may do what, as the rules have it."""

from flask import Response

from server.permissions import ALLOWED, Action
from server.staff.blueprint import needs, page, staff
from server.staff.roles import ACTIONS, ROLES


@staff.get("/roles")
@needs(Action.OWN_ACCOUNT)
def roles() -> Response:
    """The table of roles and actions, for everybody: nobody should have to ask."""
    rows = [
        (title, [action in ALLOWED[role] for role in ROLES]) for action, title in ACTIONS.items()
    ]
    return page("roles.html", roles=ROLES, rows=rows)
