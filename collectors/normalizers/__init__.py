"""Normalizers: one module a log format, tried in the order of ``catalog.NORMALIZERS`` by ``chain.normalize``.

A normalizer turns a decoded record into a flat ECS event and keeps every field of the source under the source's
own namespace. What it offers is fixed in ``contract``.
"""
