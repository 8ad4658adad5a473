"""How sure we are: evidence against honest chance, sizes of effects, discoveries among many."""
