"""Policy as data: YAML files under a folder a topic, each validated when it is loaded.

A grade, a clock, a retention floor, a route or a role stands here and never in Python. A part asks for its file with
the model that describes it: ``load_policy("retention/classes.yml", RetentionPolicy)``. A site's own file of the same
name takes the place of the shipped one.
"""

from policies.loader import SITE_FOLDER, PolicyError, load_policy, policy_path, unknown_policies

__all__ = ["SITE_FOLDER", "PolicyError", "load_policy", "policy_path", "unknown_policies"]
