"""How Fengsui watches itself: figures for Prometheus, structured logs, and whether a process is ready.

What is measured is measured where the parts are joined, by the batch: stages and stores are wrapped, nothing is counted
event by event. What the records tell (alerts, runs, dead letters, the audit trail) is asked of them when it is scraped.
"""
