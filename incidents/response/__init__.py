"""What people do with an incident: open it, lead it through the five steps, link alerts, give tasks, close it."""
