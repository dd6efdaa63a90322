"""The processes of an installation: ``collect`` writes, ``serve`` answers, ``up`` runs both."""
