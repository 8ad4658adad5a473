"""Who is there: what shows names of people asks here first."""
