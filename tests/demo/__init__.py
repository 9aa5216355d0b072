"""Tests of the demo game."""
