"""The HTTP API, identity and access, and the console's pages.

``api.app.create_app`` builds the whole web application from what it is given; nothing here opens a database or a port.
"""
