"""The dashboards for Grafana, as code: `make dashboards` writes them into deploy/grafana."""
