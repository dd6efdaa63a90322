"""Rules of every kind that remembers, over one that does not."""

from __future__ import annotations

RULES = """
title: Sign-in
id: sign-in
name: sign-in
level: low
logsource: {product: linux, service: sshd}
detection: {s: {event.outcome: success}, condition: s}
---
title: Sign-in by many
id: threshold
level: medium
logsource: {product: linux, service: sshd}
detection: {s: {event.outcome: success}, condition: s}
fengsui: {threshold: {count: 40, within: 10s, field: user.name}}
---
title: New pair
id: new-pair
level: medium
logsource: {product: linux, service: sshd}
detection: {s: {event.outcome: success}, condition: s}
fengsui: {new_terms: {fields: [user.name, source.ip], history: 1d}}
---
title: Burst
id: burst
level: high
correlation:
  type: event_count
  rules: [sign-in]
  group-by: [user.name]
  timespan: 5s
  condition: {gte: 60}
  generate: true
---
title: From many addresses
id: addresses
level: high
correlation:
  type: value_count
  rules: [sign-in]
  group-by: [host.name]
  timespan: 10s
  condition: {field: source.ip, gte: 20}
  generate: true
"""
