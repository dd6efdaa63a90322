"""Policy as data: YAML files under a folder a topic, each validated when it is loaded.

A grade, a clock, a retention floor, a route or a role stands here and never in Python. A part asks for its file with
the model that describes it: ``load_policy("retention/classes.yml", RetentionPolicy)``.
"""

from policies.loader import PolicyError, load_policy, policy_path

__all__ = ["PolicyError", "load_policy", "policy_path"]
