"""Tests of what strikes a whole group."""
