// Reads the fenced blocks of a README. The text behind the fence says what a block is:
//
//   ```sh                      commands; they are run in order and must succeed
//   ```sh background "text"    a command that keeps running; the next block waits until it has printed the text
//   ```sh not-run              commands that install, build, or never end; only their words are checked
//   ```output                  the output of the commands above; a line of three dots stands for any number of lines
//   ```websocket               JSON messages of one connection: `> ` is sent, `< ` must be received; an indented line
//                              continues the line before
//   ```json config             a configuration file
//   ```cpp FILE                lines of that file
//   ```text, ```js, ...        not tested
import { readFileSync } from 'node:fs';

const FENCE = /^```(.*)$/;

// Returns [{ kind, words, text, line }]; `words` are the words behind the kind.
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

// Returns whether the output is as the document shows it.
export function matches(output, expected) {
  const escaped = expected
    .split('\n')
    .map((line) => (line === '...' ? '(?:.*\n)*?' : `${line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}\n`))
    .join('');
  return new RegExp(`^${escaped}$`).test(output.endsWith('\n') ? output : `${output}\n`);
}
