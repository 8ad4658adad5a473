// What every page does: nothing of its own accord that a form or a link could not do as well.
"use strict";

htmx.config.includeIndicatorStyles = false; // styles of its own would need another policy
htmx.config.allowEval = false;
htmx.config.historyCacheSize = 0; // names of people do not stay in the browser
htmx.config.selfRequestsOnly = true;
