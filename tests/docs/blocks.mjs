// The fenced blocks of a README, by what stands behind the fence:
//
//   ```sh                      commands; they are run, in order, and must succeed
//   ```sh background "text"    one that runs on; the next block waits until it has printed the text
//   ```sh not-run              commands that install, build, or never end: only their words are checked
//   ```output                  what the commands above print; a line of three dots stands for any lines
//   ```websocket               `> ` is sent, `< ` must come, as JSON; indented lines continue the one before; each block
//                              is a connection
//   ```json config             a configuration file
//   ```cpp FILE                lines of that file
//   ```text, ```js, ...        to be read
import { readFileSync } from 'node:fs';

const FENCE = /^```(.*)$/;

// [{ kind, words, text, line }]; `words` are those behind the kind.
export function blocksOf(file) {
  const blocks = [];
  let open = null;
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const fence = FENCE.exec(line);
      if (!fence) {
        open?.lines.push(line);
      } else if (open) {
        blocks.push({ ...open, text: open.lines.join('\n') });
        open = null;
      } else {
        const [kind = '', ...words] = fence[1].match(/"[^"]*"|\S+/g) ?? [];
        open = { kind, words: words.map((word) => word.replaceAll('"', '')), line: index + 1, lines: [] };
      }
    });
  if (open) throw new Error(`${file}:${open.line}: the fence is not closed`);
  return blocks;
}

// Whether the output is as the document has it.
export function matches(output, expected) {
  const escaped = expected
    .split('\n')
    .map((line) => (line === '...' ? '(?:.*\n)*?' : `${line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}\n`))
    .join('');
  return new RegExp(`^${escaped}$`).test(output.endsWith('\n') ? output : `${output}\n`);
}
