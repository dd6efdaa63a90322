"""Durable runs of playbooks: branches, operations, approvals, history, and the worker that moves them."""
