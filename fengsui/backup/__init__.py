"""Backups: everything of an installation in a folder of files with digests, made while it runs, sealed by a passphrase.

A backup holds the records database, the event store, the spools, attached files, the copies of the audit trail's
checkpoints, the settings without secrets, and the keys, sealed. What is copied first may be older than what is copied
later but never newer: spools and checkpoint copies before the records, events and attachments after them. So a restored
installation goes on from its checkpoints as after a crash, and loses nothing that was acknowledged before the backup.
"""
