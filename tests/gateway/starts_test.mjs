// The result of starting with several hundred combinations of arguments and configuration files. Each line of
// starts.jsonl has the recorded result of Resgate 1.8.0:
//
//   args, file   the arguments, and the text of the configuration file, if there is one
//   ends         the exit code if it does not start, otherwise:
//   config       the properties that do not have their default value
//   resflow      `ends` or `config` of resflow, if they differ; then also one of:
//   same         true if both results mean the same
//   why          the name of the difference in the manual's list
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';

import { ENVIRONMENT, RESFLOW } from './processes.mjs';

const here = (name) => new URL(name, import.meta.url);
const STARTS = readFileSync(here('starts.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const MANUAL = readFileSync(here('../../tools/gateway/README.md'), 'utf8');

const folder = mkdtempSync(path.join(os.tmpdir(), 'resflow-starts-'));
after(() => rmSync(folder, { recursive: true }));

// Returns the resulting configuration, or the exit code.
function start({ args, file }) {
  const config = path.join(folder, 'config.json');
  if (file !== undefined) writeFileSync(config, file);
  const all = [...(file === undefined ? [] : ['--config', config]), '--checkconfig', ...args];
  const { status, stdout } = spawnSync(RESFLOW, all, { encoding: 'utf8', env: ENVIRONMENT });
  if (status !== 0 || !stdout.startsWith('{')) return { ends: status };
  return { config: JSON.parse(stdout) };
}

const defaults = start({ args: [] }).config;

test('every start comes to what it does with Resgate, or to what is listed', () => {
  assert.ok(STARTS.length > 300);
  for (const { args, file, resflow, same, why, ...resgate } of STARTS) {
    const { ends, config } = resflow ?? resgate;
    const expected = ends === undefined ? { config: { ...defaults, ...config } } : { ends };
    assert.deepEqual(start({ args, file }), expected, JSON.stringify({ args, file, same, why }));
  }
});

test('what differs is in the list of differences', () => {
  for (const { resflow, same, why, args, file } of STARTS) {
    assert.equal(resflow !== undefined, Boolean(same) !== Boolean(why));
    if (why) assert.ok(MANUAL.includes(`- **${why}**`), `${why}: ${JSON.stringify({ args, file })}`);
  }
});
