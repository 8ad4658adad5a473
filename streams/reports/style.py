"""How a report looks: a style sheet inside the page, for screens light and dark, and for paper."""

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark;
  --paper: #fff; --card: #fff; --ink: #1f2328; --muted: #59636e; --line: #d1d9e0; --wash: #f6f8fa;
  --critical: #b3261e; --warning: #8a5a00; --calm: #0a5fa8; --fine: #00704f; --soft: #f0b8b3;
  --peers: #8b949e; --unseen: #fff4d6; --unseen-line: #c98a00; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #0d1117; --card: #151b23; --ink: #e6edf3; --muted: #9aa4af; --line: #353d47;
  --wash: #1a212a; --critical: #ff8a80; --warning: #e9b44c; --calm: #6cb2ff; --fine: #4cc79d;
  --soft: #7a3a36; --peers: #7d8590; --unseen: #2b2410; --unseen-line: #b98a1c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 47rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; line-height: 1.25; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .6rem; }
h3 { font-size: 1.1rem; margin: 0; }
h4 { font-size: 1rem; margin: 1.1rem 0 .25rem; }
p { margin: .35rem 0; } ul { margin: .35rem 0; padding-left: 1.2rem; } li { margin: .2rem 0; }
a { color: var(--calm); }
bdi { font-weight: 600; unicode-bidi: isolate; }
.muted, figcaption, summary small { color: var(--muted); font-size: .9rem; }
.unseen { background: var(--unseen); border-left: .3rem solid var(--unseen-line);
  border-radius: .4rem; padding: .75rem 1rem; margin: 1.1rem 0; }
.unseen h2 { margin: 0 0 .3rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .6rem;
  margin: 1rem 0; padding: 0; list-style: none; }
.tiles li { margin: 0; border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem; }
.tiles a { color: inherit; text-decoration: none; display: block; }
.tiles b { display: block; font-size: 1.6rem; line-height: 1.2; }
.card { border: 1px solid var(--line); border-left: .3rem solid var(--line); border-radius: .5rem;
  background: var(--card); padding: .8rem 1rem; margin: .8rem 0; }
.card.critical { border-left-color: var(--critical); }
.card.warning { border-left-color: var(--warning); }
.badge { display: inline-block; border: 1px solid; border-radius: 1rem; padding: 0 .55rem;
  margin-right: .4rem; font-size: .8rem; font-weight: 600; text-transform: uppercase;
  letter-spacing: .03em; }
.badge.critical, b.critical { color: var(--critical); }
.badge.warning, b.warning { color: var(--warning); }
.badge.new { color: var(--calm); } .badge.info { color: var(--muted); }
.lead { font-size: 1.06rem; }
.do { background: var(--wash); border-radius: .4rem; padding: .55rem .8rem; margin: .8rem 0; }
figure { margin: .7rem 0; max-width: 30rem; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--ink); font: 13.5px system-ui, sans-serif; }
svg .small { fill: var(--muted); font-size: 12px; }
svg .counted { fill: var(--critical); } svg .estimate { fill: var(--soft); }
svg .peers { fill: var(--peers); }
svg .interval { stroke: var(--ink); stroke-width: 1.5; fill: none; }
svg .threshold { stroke: var(--warning); stroke-width: 1.5; stroke-dasharray: 5 4; }
svg .axis { stroke: var(--line); stroke-width: 1; }
svg .course { stroke: var(--critical); stroke-width: 2; fill: none; }
svg .step { fill: var(--critical); }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums; }
details { margin: .5rem 0; } summary { cursor: pointer; }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; }
  figure, tr, .do { break-inside: avoid; } h2, h3, h4 { break-after: avoid; }
  figure { max-width: 22rem; } .tiles a { color: inherit; }
  details::details-content { content-visibility: visible; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""
