"""The processes of an installation: ``collect`` writes, ``serve`` answers, ``work`` scans, ``up`` runs them all."""
