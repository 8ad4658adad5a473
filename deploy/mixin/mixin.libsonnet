// The dashboards and rules as a mixin, for those who gather those of many programs with jsonnet:
//
//   (import 'mixin.libsonnet') + { _config+:: { selector: 'job=~"aboveboard-.+"', runbook: 'https://...', desk: 'https://...' } }
local groups = (import 'rules.json').groups;  // which `make dashboards` writes from deploy/prometheus/rules

{
  local config = self._config,

  _config:: {
    // The scrape jobs of the workers.
    selector: 'job="aboveboard"',
    // Where docs/runbook.md is shown.
    runbook: 'docs/runbook.md',
    // Where people look at cases and decide.
    desk: 'https://desk.example.com',
  },

  local adapted(rule) = rule {
    expr: std.strReplace(rule.expr, 'job="aboveboard"', config.selector),
    [if 'annotations' in rule then 'annotations']: rule.annotations {
      runbook_url: std.strReplace(super.runbook_url, 'docs/runbook.md', config.runbook),
    },
  },

  // The rules of one kind; a group without any is left out.
  local of(kind) = [
    group { rules: rules }
    for group in groups
    for rules in [[adapted(rule) for rule in group.rules if kind in rule]]
    if std.length(rules) > 0
  ],

  local queried(text, from, to) = std.strReplace(text, '"query": "' + from + '"', '"query": ' + std.manifestJson(to)),

  local shown(text) = std.parseJson(
    queried(queried(text, 'docs/runbook.md', config.runbook), 'https://desk.example.com', config.desk)
  ),

  grafanaDashboards+:: {
    'aboveboard-became.json': shown(importstr '../grafana/dashboards/aboveboard-became.json'),
    'aboveboard-looking.json': shown(importstr '../grafana/dashboards/aboveboard-looking.json'),
    'aboveboard-seeing.json': shown(importstr '../grafana/dashboards/aboveboard-seeing.json'),
    'aboveboard-worker.json': shown(importstr '../grafana/dashboards/aboveboard-worker.json'),
  },

  prometheusAlerts+:: { groups+: of('alert') },

  prometheusRules+:: { groups+: of('record') },
}
