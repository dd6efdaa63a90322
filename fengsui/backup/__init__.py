"""Backups: everything of an installation in a folder of sealed files, made while it runs.

A backup holds the records database, the event store, the spools, attached files, the copies of the audit trail's
checkpoints, the settings without secrets, the site's policies and rules, and the keys. Each file is sealed with a key
of its own; these keys stand in the manifest, whose key a passphrase opens. So a file that has not changed can be linked
to the one of an earlier backup, and without the passphrase nothing of a backup can be read, nor changed unnoticed.

What is copied first may be older than what is copied later but never newer: spools and checkpoint copies before the
records, events and attachments after them. So a restored installation goes on from its checkpoints as after a crash,
and loses nothing that was acknowledged before the backup.
"""
