"""Incidents that alerts open by themselves, as ``policies/incidents/opening.yml`` says."""
