// The Debian package as `cpack` makes it: what it contains, and that its parts fit the programs.
// tests/packages/deb_test.sh installs it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD = process.env.RESFLOW_BUILD || path.join(ROOT, 'build/release');
const PROGRAMS = ['resflow', 'resflow-bench', 'resflow-dot', 'resflow-replay'];
const MAX_EXPOSURE = 15; // limit for the exposure score of systemd-analyze, which is from 0 to 100

function run(command, args, { cwd = ROOT, input, env = process.env } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, input, env, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${error ?? ''}${stdout}${stderr}`);
  return stdout;
}

const isInstalled = (program) => !spawnSync(program, ['--version']).error;
const missing = (program) => !isInstalled(program) && `${program} is not installed`;

const folder = mkdtempSync(path.join(os.tmpdir(), 'resflow-package-'));
const root = path.join(folder, 'root'); // the unpacked package
let deb;

before(() => {
  run('cpack', ['--config', path.join(BUILD, 'CPackConfig.cmake'), '-B', folder], { cwd: BUILD });
  deb = path.join(folder, readdirSync(folder).find((name) => name.endsWith('.deb')));
  run('dpkg-deb', ['--extract', deb, root]);
});
after(() => rmSync(folder, { recursive: true }));

test('every file has its place, owner and mode', () => {
  const listed = run('dpkg-deb', ['--contents', deb]).trim().split('\n');
  const files = listed.map((line) => line.split(/\s+/)).filter(([mode]) => !mode.startsWith('d'));
  for (const [mode, owner, , , , name] of files) {
    assert.equal(owner, 'root/root', name);
    assert.equal(mode, /^\.\/usr\/(bin|libexec)\//.test(name) ? '-rwxr-xr-x' : '-rw-r--r--', name);
  }
  const names = files.map(([, , , , , name]) => name.slice(1));
  for (const name of [
    ...PROGRAMS.flatMap((program) => [
      `/usr/bin/${program}`,
      `/usr/share/man/man1/${program}.1.gz`,
      `/usr/share/bash-completion/completions/${program}`,
    ]),
    '/etc/resflow/resflow.json',
    '/lib/systemd/system/resflow.service',
    '/usr/libexec/resflow/reload',
    '/usr/share/doc/resflow/README.md',
    '/usr/share/doc/resflow/changelog.gz',
    '/usr/share/doc/resflow/copyright',
    '/usr/share/doc/resflow/manual.md',
    '/usr/share/fish/vendor_completions.d/resflow.fish',
    '/usr/share/resflow/monitoring/alerts.yml',
    '/usr/share/resflow/monitoring/dashboard.json',
    '/usr/share/zsh/vendor-completions/_resflow',
  ]) {
    assert.ok(names.includes(name), `${name} is not among ${names.join(' ')}`);
  }
  for (const name of names) assert.match(name, /^\/(etc\/resflow|lib\/systemd\/system|usr\/(bin|libexec|share))\//);
});

test('it depends on the libraries, and on the one that is loaded by name', () => {
  const control = run('dpkg-deb', ['--field', deb]);
  for (const name of ['libtbb12', 'libnats3.4', 'libwebsockets17', 'libwebsockets-evlib-uv', 'libuv1']) {
    assert.match(control, new RegExp(`^Depends:.*\\b${name.replace('.', '\\.')}\\b`, 'm'));
  }
  assert.match(control, /^Recommends: nats-server$/m);
  assert.equal(run('dpkg-deb', ['--info', deb, 'conffiles']), '/etc/resflow/resflow.json\n');
});

test('lintian has nothing against it', { skip: missing('lintian') }, () => {
  const said = run('lintian', ['--fail-on', 'error,warning', '--allow-root', deb]);
  assert.equal(said, '');
});

test('the configuration of the service says what are defaults anyway', () => {
  const check = (args) => {
    const { status, stdout, stderr } = spawnSync(path.join(root, 'usr/bin/resflow'), [...args, '--checkconfig'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    assert.equal(status, 0);
    assert.equal(stderr, '');
    return JSON.parse(stdout);
  };
  assert.deepEqual(check(['--config', path.join(root, 'etc/resflow/resflow.json')]), check([]));
});

// ---- how the programs are built

// The options of Debian's hardening=+all.
test('programs are hardened', () => {
  for (const program of PROGRAMS) {
    const readelf = (...args) => run('readelf', ['--wide', ...args, path.join(root, 'usr/bin', program)]);
    assert.match(readelf('--file-header'), /Type: +DYN /, `${program} is at the same place in each run`);
    const segments = readelf('--program-headers');
    assert.match(segments, /^ +GNU_RELRO /m, program);
    assert.match(segments, /^ +GNU_STACK .* RW +0x/m, `the stack of ${program} can be executed`);
    assert.match(readelf('--dynamic'), /\(FLAGS_1\) .*NOW.*PIE/, `relocations of ${program} can be written to`);
    const symbols = readelf('--dyn-syms');
    assert.match(symbols, / __stack_chk_fail@/, `${program} has no stack protector`);
    assert.match(symbols, / __mem\w+_chk@/, `${program} has no checked functions of memory`);
  }
});

test('every file of the programs is compiled with what hardens it', () => {
  const commands = JSON.parse(readFileSync(path.join(BUILD, 'compile_commands.json'), 'utf8'));
  const ours = commands.filter(({ file }) => /\/(nodes|graph|io|tools)\/(?!.*_test\.cpp)/.test(file.replace(ROOT, '/')) && !/\/tests\//.test(file));
  assert.ok(ours.length > 100);
  const flags = ['-fPIE', '-fstack-protector-strong', '-fstack-clash-protection'];
  if (process.arch === 'x64') flags.push('-fcf-protection');
  for (const { command, file } of ours) {
    for (const flag of flags) assert.ok(command.includes(` ${flag} `), `${file} ${flag}`);
    assert.match(command, / -D_FORTIFY_SOURCE=[23] /, file);
  }
});

// ---- the service

test('systemd finds nothing wrong with the unit, and the service well shut in', { skip: missing('systemd-analyze') }, () => {
  // A copy of the unit that starts the programs of the unpacked package.
  const unit = readFileSync(path.join(root, 'lib/systemd/system/resflow.service'), 'utf8');
  const placed = unit.replaceAll(/=\/usr\/(bin|libexec)\//g, `=${root}/usr/$1/`);
  assert.notEqual(placed, unit);
  const file = path.join(folder, 'resflow.service');
  writeFileSync(file, placed);
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
  const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('resflow'));
  assert.deepEqual(about, []);
  assert.equal(status, 0, stderr);
  run('systemd-analyze', ['security', '--offline=true', `--threshold=${MAX_EXPOSURE}`, file]);
});

test('a reload is for TLS alone, and says so', () => {
  const reload = (config) => {
    const file = path.join(folder, 'reload.json');
    writeFileSync(file, JSON.stringify(config));
    const args = ['-c', 'trap "echo hung up" HUP; "$0" "$1" $$; echo "$?"', path.join(root, 'usr/libexec/resflow/reload'), file];
    const env = { PATH: `${path.join(root, 'usr/bin')}:${process.env.PATH}` };
    return spawnSync('sh', args, { encoding: 'utf8', env });
  };
  const plain = reload({ tls: false });
  assert.equal(plain.stdout, '1\n');
  assert.match(plain.stderr, /no TLS certificate to reload; use restart/);
  const tls = reload({ tls: true, tlsCert: 'cert.pem', tlsKey: 'key.pem' });
  assert.equal(tls.stdout, 'hung up\n0\n');
});

test('maintainer scripts are sound', () => {
  const control = path.join(folder, 'control');
  run('dpkg-deb', ['--control', deb, control]);
  for (const script of ['postinst', 'prerm', 'postrm']) {
    const file = path.join(control, script);
    run('sh', ['-n', file]);
    assert.match(readFileSync(file, 'utf8'), /^#!\/bin\/sh\nset -e\n/);
  }
});

// ---- options in manual pages and completions

// Returns the options as --help lists them: [['-n --nats', 'description'], ...].
function optionsOfHelp(program) {
  const text = run(path.join(root, 'usr/bin', program), ['--help']);
  return text
    .split(/\n(?= {2}-)/)
    .slice(1)
    .map((entry) => {
      const [, letter, long] = /^ {2}(?:(-\w) \[ )?(--[\w-]+)/.exec(entry);
      return [[letter, long].filter(Boolean).join(' '), entry.split(/\n\n|\n\S/)[0].replace(/\s+/g, ' ')];
    });
}

// Returns the options as the manual page lists them.
function optionsOfPage(program) {
  const page = run('zcat', [path.join(root, `usr/share/man/man1/${program}.1.gz`)]).replaceAll('\\-', '-');
  const section = page.slice(page.indexOf('.SH OPTIONS'));
  return section
    .slice(0, section.indexOf('\n.SH', 1))
    .split('.TP\n')
    .slice(1)
    .map((entry) => [entry.split('\n')[0].match(/(?<![\w-])--?\w[\w-]*/g).join(' '), entry.replace(/\s+/g, ' ')]);
}

for (const program of PROGRAMS) {
  test(`the manual page of ${program} has the options of --help, in their order, with their defaults`, () => {
    const help = optionsOfHelp(program);
    const manual = optionsOfPage(program);
    assert.ok(help.length > 5);
    assert.deepEqual(manual.map(([names]) => names), help.map(([names]) => names));
    help.forEach(([names, text], n) => {
      const [, value] = /\(default: (.*?)\)/.exec(text) ?? [];
      if (value) assert.ok(manual[n][1].includes(`Default: ${value}.`), `${names}: default ${value}`);
    });
  });

  test(`the manual page of ${program} is well-formed`, { skip: missing('groff') }, () => {
    const page = run('zcat', [path.join(root, `usr/share/man/man1/${program}.1.gz`)]);
    const { stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], { input: page, encoding: 'utf8' });
    assert.equal(stderr, '');
  });
}

// The command that prints what a shell offers to complete `line`.
const SHELLS = {
  bash: (line) => {
    const words = line.split(' ');
    const script = `source "$0"; compopt() { :; }; _resflow "$1" "$2" "$3"; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const file = path.join(root, 'usr/share/bash-completion/completions/resflow');
    return ['bash', ['-c', script, file, words[0], words.at(-1), words.at(-2)]];
  },
  fish: (line) => {
    const file = path.join(root, 'usr/share/fish/vendor_completions.d/resflow.fish');
    return ['fish', ['--no-config', '-c', `source ${file}; complete -C "${line}"`]];
  },
};

for (const [shell, command] of Object.entries(SHELLS)) {
  test(`${shell} completes options, modes and files`, { skip: missing(shell) }, () => {
    const env = { ...process.env, PATH: `${path.join(root, 'usr/bin')}:${process.env.PATH}` };
    const offered = (line) => run(...command(line), { env }).trim().split('\n');
    assert.deepEqual(offered('resflow --natsc'), ['--natscert']);
    assert.deepEqual(offered('resflow-bench --pat'), ['--patience']);
    assert.deepEqual(offered('resflow --config CMakeL'), ['CMakeLists.txt']);
    assert.deepEqual(offered('resflow -c CMakeL'), ['CMakeLists.txt']);
    if (shell === 'bash') assert.deepEqual(offered('resflow-bench fan'), ['fanout']);
  });
}
