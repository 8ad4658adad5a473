"""The closed list of metrics, and the only place that knows prometheus-client.

Labels are bounded: topics, results, patterns, severities, reasons, stages and partitions, never the
id of an agent, an account or an event. Every metric is described in ``docs/metrics.md``.
"""
