"""Coding by people: projects, who codes what, and what they coded."""
