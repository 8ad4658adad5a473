"""Common causes: what strikes a whole group is told of the group, and not of each member."""
