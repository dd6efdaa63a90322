"""Routing: which events a rule's logsource means and by which names its fields are found, from policy data."""

from detection.routing.names import Vocabulary, vocabulary_of
from detection.routing.policy import FieldProfile, Route, RoutingPolicy, Source, load_routing_policy
from detection.routing.router import DATASET, Router, Shape
from detection.routing.sources import sources_of

__all__ = [
    "DATASET",
    "FieldProfile",
    "Route",
    "Router",
    "RoutingPolicy",
    "Shape",
    "Source",
    "Vocabulary",
    "load_routing_policy",
    "sources_of",
    "vocabulary_of",
]
