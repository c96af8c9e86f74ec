// tools/monitoring: the dashboard and the alerts may use only metrics and labels that the gateway serves, and
// Prometheus must accept their queries.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { MeteredStage, scrape } from './metrics.mjs';

const place = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const ALERTS = place('tools/monitoring/alerts.yml');
const DASHBOARD = JSON.parse(readFileSync(place('tools/monitoring/dashboard.json'), 'utf8'));
const ALERTS_TEXT = readFileSync(ALERTS, 'utf8');

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const withPromtool = { skip: !hasPromtool && 'promtool is not installed' };

function promtool(...args) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  assert.equal(status, 0, `promtool ${args.join(' ')}:\n${stdout}${stderr}`);
}

const panels = DASHBOARD.panels.filter((panel) => panel.type !== 'row');
const queries = [
  ...panels.flatMap((panel) => panel.targets.map((target) => target.expr)),
  ...DASHBOARD.annotations.list.map((annotation) => annotation.expr),
  ...DASHBOARD.templating.list.map((variable) => variable.definition).filter(Boolean),
];

// Returns the names of the metrics in a text.
const metricsIn = (text) => new Set(text.match(/\b(?:resgate|resflow|process)_[a-z_]*[a-z]/g));

// Returns the metrics that the gateway serves: name of each sample -> names of its labels. A metric without samples has
// the value null.
async function servedMetrics(t) {
  const stage = new MeteredStage();
  t.after(() => stage.close());
  const { metricsPort } = await stage.startMetered();
  const page = await scrape(metricsPort, { accept: 'text/plain' });
  const served = new Map([...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => [name, null]));
  for (const [, name, labels] of page.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    served.set(name, [...(labels ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label));
  }
  return served;
}

test('every metric in the dashboard and the alerts is served', async (t) => {
  const served = await servedMetrics(t);
  for (const [where, text] of [['alerts', ALERTS_TEXT], ['dashboard', queries.join('\n')]]) {
    const named = metricsIn(text);
    assert.ok(named.size > 10, `${where}: ${named.size} metrics`);
    for (const name of named) assert.ok(served.has(name), `${where}: ${name} is not served`);
  }
});

test('every label that they look at is one of that metric', async (t) => {
  const served = await servedMetrics(t);
  const scraped = ['job', 'instance']; // labels that Prometheus adds
  const selectors = [...`${ALERTS_TEXT}\n${queries.join('\n')}`.matchAll(/\b(\w+)\{([^}]*=[^}]*)\}/g)];
  assert.ok(selectors.length > 50);
  for (const [, metric, labels] of selectors) {
    const known = [...scraped, ...(served.get(metric) ?? [])];
    for (const [, label] of labels.matchAll(/(\w+)\s*(?:=|!)/g)) assert.ok(known.includes(label), `${metric}: ${label}`);
  }
  for (const [, labels, metric] of queries.join('\n').matchAll(/by \(([\w, ]+)\) \((?:rate\()?(\w+)\{/g)) {
    if (served.get(metric) === null) continue;
    for (const label of labels.split(', ')) {
      assert.ok([...scraped, ...served.get(metric)].includes(label), `${metric}: ${label}`);
    }
  }
});

test('the alerts fire when they should', withPromtool, () => {
  promtool('check', 'rules', ALERTS);
  promtool('test', 'rules', place('tests/gateway/alerts_test.yml'));
  const alerts = ALERTS_TEXT.match(/(?<=alert: )\w+/g);
  const tested = readFileSync(place('tests/gateway/alerts_test.yml'), 'utf8');
  for (const alert of alerts) assert.match(tested, new RegExp(`\\b${alert}\\b`), alert);
});

test('Prometheus understands the queries of the dashboard', withPromtool, (t) => {
  const stage = new MeteredStage();
  t.after(() => stage.close());
  // Replaces the variables of the dashboard, as Grafana does.
  const plain = queries
    .filter((query) => !query.startsWith('label_values('))
    .map((query) => query.replaceAll('$__rate_interval', '1m').replaceAll('$job', 'resflow').replaceAll('$instance', '.*'));
  const rules = plain.map((expr, n) => ({ record: `query:${n}`, expr }));
  promtool('check', 'rules', stage.file('queries.yml', JSON.stringify({ groups: [{ name: 'queries', rules }] })));
});

test('the dashboard has its panels side by side', () => {
  assert.equal(new Set(DASHBOARD.panels.map((panel) => panel.id)).size, DASHBOARD.panels.length);
  const taken = new Set();
  for (const { title, gridPos: { x, y, w, h } } of DASHBOARD.panels) {
    assert.ok(x >= 0 && x + w <= 24, title);
    for (let column = x; column < x + w; ++column) {
      for (let row = y; row < y + h; ++row) {
        const cell = `${column},${row}`;
        assert.ok(!taken.has(cell), `${title} lies over another panel`);
        taken.add(cell);
      }
    }
  }
});
