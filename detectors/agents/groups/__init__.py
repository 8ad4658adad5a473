"""Groups of agents: sites and teams, judged as agents are."""
