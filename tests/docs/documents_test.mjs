// Checks the READMEs: their commands run and print the output shown, their messages can be exchanged, code is quoted
// correctly from its file, links lead somewhere, and no option is missing. blocks.mjs explains the notation.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { ENVIRONMENT, freePort, RESFLOW, Stage } from '../gateway/processes.mjs';
import { WebSocket } from '../gateway/node_modules/ws/wrapper.mjs';
import { within } from '../gateway/waiting.mjs';
import { blocksOf, matches } from './blocks.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD = path.dirname(path.resolve(RESFLOW));
// The READMEs of the top folder, of each of its folders, and of the folders in tools, tests and examples.
const foldersOf = (folder) =>
  readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map((entry) => path.join(folder, entry.name));
const DOCUMENTS = ['', ...foldersOf(''), ...['examples', 'tests', 'tools'].flatMap(foldersOf)]
  .map((folder) => path.join(folder, 'README.md'))
  .filter((name) => existsSync(path.join(ROOT, name)));
const KINDS = ['sh', 'output', 'websocket', 'json', 'cpp', 'text', 'js', 'ini', 'yaml'];

// A folder that looks like the source folder, with the programs on the PATH. The ports that the documents use may be
// taken on this machine, so they are replaced by free ports.
class Desk {
  #stage = new Stage();
  #ports;

  static async open() {
    const desk = new Desk();
    desk.#ports = Object.fromEntries(await Promise.all(['4222', '8000', '8080', '8081'].map(async (p) => [p, await freePort()])));
    desk.folder = desk.#stage.file('desk');
    mkdirSync(path.join(desk.folder, 'build'), { recursive: true });
    for (const name of readdirSync(ROOT)) {
      if (name !== 'build' && name !== '.git') symlinkSync(path.join(ROOT, name), path.join(desk.folder, name));
    }
    symlinkSync(BUILD, path.join(desk.folder, 'build/release'));
    // Makes nats-server use a free port when a command names none.
    desk.#program('nats-server', `exec nats-server -a 127.0.0.1 -p ${desk.port('4222')} "$@"`);
    return desk;
  }

  #program(name, command) {
    const folder = this.#stage.file('bin');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, name), `#!/bin/sh\nPATH=${process.env.PATH}\n${command}\n`, { mode: 0o755 });
  }

  port(usual) {
    return this.#ports[usual];
  }

  // Replaces the usual ports by the ports of this desk.
  here(text) {
    return text.replaceAll(/\b(4222|8000|8080|8081)\b/g, (usual) => this.port(usual));
  }

  get #env() {
    return {
      PATH: [this.#stage.file('bin'), BUILD, process.env.PATH].join(':'),
      NATS_URL: `nats://127.0.0.1:${this.port('4222')}`,
      RESFLOW_ADDR: '127.0.0.1', // only programs on this machine can connect
    };
  }

  run(text) {
    const options = { cwd: this.folder, env: { ...ENVIRONMENT, ...this.#env }, encoding: 'utf8', timeout: 60_000 };
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', this.here(text)], options);
    return { status, stdout: this.there(stdout).replaceAll('\r', ''), stderr };
  }

  // Replaces the ports of this desk by the usual ports.
  there(text) {
    return Object.entries(this.#ports).reduce((all, [usual, port]) => all.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), usual), text);
  }

  async start(text, ready) {
    const command = `cd '${this.folder}'; exec ${this.here(text)}`;
    const started = this.#stage.start('bash', ['-c', command], { name: text.split(' ')[0], env: this.#env });
    await started.says(new RegExp(ready.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  }

  close() {
    return this.#stage.close();
  }
}

// Plays the client of a websocket block.
async function play(text, port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const came = [];
  let wake = () => {};
  socket.on('message', (data) => {
    came.push(JSON.parse(data));
    wake();
  });
  const next = async () => {
    while (came.length === 0) await new Promise((resolve) => (wake = resolve));
    return came.shift();
  };
  try {
    await within(new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject)), 'the gateway');
    for (const line of text.replaceAll(/\n +/g, '').split('\n').filter(Boolean)) {
      const message = JSON.parse(line.slice(2));
      if (line.startsWith('> ')) {
        socket.send(line.slice(2));
      } else {
        assert.ok(line.startsWith('< '), line);
        assert.deepEqual(await within(next(), line), message);
      }
    }
  } finally {
    socket.terminate();
  }
}

// Checks the commands of a block: file names in the sources must exist, and options must be in the help of the program.
function checkWords(text) {
  assert.equal(spawnSync('bash', ['-n'], { input: text }).status, 0);
  for (const [, word] of text.matchAll(/(?:^|\s)((?:tools|tests|examples)\/[\w./-]*)/g)) {
    assert.ok(existsSync(path.join(ROOT, word)), word);
  }
}

const STEPS = {
  sh(desk, block) {
    const [how, ready] = block.words;
    if (how === 'not-run') return checkWords(block.text);
    if (how === 'background') return desk.start(block.text, ready);
    assert.equal(how, undefined);
    const result = desk.run(block.text);
    assert.equal(result.status, 0, result.stdout + result.stderr);
    desk.output = result.stdout;
  },
  output(desk, block) {
    assert.ok(matches(desk.output, block.text), `it printed:\n${desk.output}`);
  },
  websocket(desk, block) {
    return play(block.text, desk.port('8080'));
  },
  json(desk, block) {
    if (block.words[0] !== 'config') return void JSON.parse(block.text);
    writeFileSync(path.join(desk.folder, 'config.json'), block.text);
    const { status, stderr } = spawnSync(RESFLOW, ['--config', 'config.json', '--checkconfig'], {
      cwd: desk.folder,
      encoding: 'utf8',
      env: ENVIRONMENT,
    });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  },
  cpp(_, block) {
    const [file] = block.words;
    assert.ok(file, 'code is quoted from a file');
    const source = readFileSync(path.join(ROOT, file), 'utf8').replaceAll('tests/nodes/tutorial/', 'nodes/');
    assert.ok(`\n${source}`.includes(`\n${block.text}\n`), `it is not in ${file}`);
  },
};

for (const document of DOCUMENTS) {
  const file = path.join(ROOT, document);

  test(`${document}: what it shows is so`, async (t) => {
    const desk = await Desk.open();
    t.after(() => desk.close());
    for (const block of blocksOf(file)) {
      assert.ok(KINDS.includes(block.kind), `${document}:${block.line}: nothing is known of ${block.kind}`);
      try {
        await STEPS[block.kind]?.(desk, block);
      } catch (error) {
        throw new Error(`${document}:${block.line}: ${error.message}`, { cause: error });
      }
    }
  });

  test(`${document}: links lead somewhere`, () => {
    const text = readFileSync(file, 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [target, anchor] = link.split('#');
      const to = path.join(path.dirname(file), target);
      assert.ok(existsSync(target === '' ? file : to), link);
      if (anchor === undefined) continue;
      const headings = readFileSync(target === '' ? file : to, 'utf8').match(/^#+ .*$/gm) ?? [];
      const anchors = headings.map((h) => h.replace(/^#+ /, '').toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'));
      assert.ok(anchors.includes(anchor), link);
    }
  });

  test(`${document}: commands stand between fences, where they are seen`, () => {
    const unfenced = readFileSync(file, 'utf8').replaceAll(/^```[^]*?^```$/gm, '');
    const indented = unfenced.split('\n').filter((line, n, all) => /^ {4}\S/.test(line) && all[n - 1] === '');
    assert.deepEqual(indented, []);
  });
}

test('the manual has every option, with its property and default', () => {
  const manual = readFileSync(path.join(ROOT, 'tools/gateway/README.md'), 'utf8');
  const { stdout: help } = spawnSync(RESFLOW, ['--help'], { encoding: 'utf8', env: ENVIRONMENT });
  for (const [, name] of help.matchAll(/^ {2}.*?--([\w-]+)/gm)) assert.match(manual, new RegExp(`[-\`]-?${name}\\b`), name);
  const { stdout: config } = spawnSync(RESFLOW, ['--checkconfig'], { encoding: 'utf8', env: ENVIRONMENT });
  for (const property of Object.keys(JSON.parse(config))) {
    if (!['certFile', 'keyFile', 'deleteMethod', 'patchMethod'].includes(property)) assert.ok(manual.includes(`\`${property}\``), property);
  }
});

// Returns the number in a cell such as `1 MiB`, `30 s for 16 KB`, `10000` or `none`, or undefined if there is none.
function defaultOf(cell) {
  const [, digits, unit] = /^(\d+)(?: (\w+))?/.exec(cell.replace(/^none$/, '0')) ?? [];
  return digits && Number(digits) * ({ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[unit] ?? 1);
}

test("the manual's table of defaults has those of the program", () => {
  const manual = readFileSync(path.join(ROOT, 'tools/gateway/README.md'), 'utf8');
  const { stdout: help } = spawnSync(RESFLOW, ['--help'], { encoding: 'utf8', env: ENVIRONMENT });
  const table = manual.slice(manual.indexOf('### Why these defaults')).split('\n## ')[0];
  let compared = 0;
  for (const [, name, cell] of table.matchAll(/^\| [^|]*?`--([\w-]+)`[^|]* \| ([^|]*?) \|/gm)) {
    const said = new RegExp(`--${name} <(?:[^-]|-(?!-))*?\\(default: (\\d+)\\)`).exec(help)?.[1];
    if (said === undefined || defaultOf(cell) === undefined) continue;
    assert.equal(defaultOf(cell), Number(said), name);
    ++compared;
  }
  assert.ok(compared >= 3);
});

test('the table of nodes has each node of the graph, and to whom it sends', () => {
  const readme = readFileSync(path.join(ROOT, 'nodes/README.md'), 'utf8');
  const { stdout: dot } = spawnSync(RESFLOW, ['--graph'], { encoding: 'utf8', env: ENVIRONMENT });
  const edges = [...dot.matchAll(/^\s*"(\w+)" -> "([\w ]+)"/gm)].map(([, from, to]) => [from, to]);
  const nodes = [...dot.matchAll(/^\s*"(\w+)" \[id="node-/gm)].map(([, name]) => name);
  const outside = { 'to clients': 'the sockets' };
  for (const node of nodes.filter((name) => !['clients', 'services', 'time'].includes(name))) {
    const row = new RegExp(`^\\| \\[${node}\\]\\(.*\\| (.*) \\|$`, 'm').exec(readme);
    assert.ok(row, node);
    const receivers = edges.filter(([from, to]) => from === node && !to.endsWith('services')).map(([, to]) => outside[to] ?? (to === node ? 'itself' : to));
    assert.deepEqual(row[1].split(', ').sort(), [...new Set(receivers)].sort(), node);
  }
});

test('output is compared line by line, and three dots are any lines', () => {
  assert.ok(matches('a\nb\n', 'a\nb'));
  assert.ok(matches('a\nx\ny\nb', 'a\n...\nb'));
  assert.ok(matches('a\n', 'a\n...'));
  assert.ok(!matches('a\nb\n', 'a'));
  assert.ok(!matches('ab\n', 'a.'));
});
