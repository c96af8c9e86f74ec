// Prints the coverage of each folder from the summary that llvm-cov exports: node folders.mjs SUMMARY.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const KINDS = ['lines', 'functions', 'branches'];
const root = process.cwd();
const folders = new Map();
for (const { filename, summary } of JSON.parse(readFileSync(process.argv[2], 'utf8')).data[0].files) {
  const folder = path.dirname(path.relative(root, filename));
  for (const key of [folder, 'all']) {
    const sums = folders.get(key) ?? Object.fromEntries(KINDS.map((kind) => [kind, { count: 0, covered: 0 }]));
    for (const kind of KINDS) {
      sums[kind].count += summary[kind].count;
      sums[kind].covered += summary[kind].covered;
    }
    folders.set(key, sums);
  }
}

const percent = ({ count, covered }) => `${count === 0 ? '-' : ((100 * covered) / count).toFixed(1)} %`.padStart(12);
console.log('folder'.padEnd(24) + KINDS.map((kind) => kind.padStart(12)).join(''));
for (const folder of [...folders.keys()].sort()) {
  console.log(folder.padEnd(24) + KINDS.map((kind) => percent(folders.get(folder)[kind])).join(''));
}
