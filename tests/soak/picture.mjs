// Draws columns of the samples as an SVG: one panel below the other, over the same time.
const WIDTH = 900;
const LEFT = 70; // room for the numbers beside the panels
const RIGHT = 20;
const PANEL = 130;
const GAP = 50;
const COLORS = ['#1f6feb', '#1a7f37', '#9a6700', '#cf222e'];

// Returns the next round number at or above the value: 1, 2 or 5 times a power of ten.
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= value);
}

const at = (x, y) => `${x.toFixed(1)},${y.toFixed(1)}`;
const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`;

// Returns the numbers and lines behind a panel.
function grid(top, highest) {
  return [0, 0.5, 1].map((part) => {
    const y = top + PANEL * (1 - part);
    const line = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#d0d7de"/>`;
    return line + text(LEFT - 8, y + 4, `${highest * part}`, 'text-anchor="end"');
  });
}

function panel(rows, { column, title }, n, lastSecond) {
  const top = GAP + n * (PANEL + GAP);
  const highest = roundUp(Math.max(...rows.map((r) => r[column]).filter(Number.isFinite)));
  const x = (seconds) => LEFT + ((WIDTH - LEFT - RIGHT) * seconds) / lastSecond;
  const y = (value) => top + PANEL * (1 - value / highest);
  const points = rows.filter((r) => Number.isFinite(r[column])).map((r) => at(x(r.seconds), y(r[column])));
  const look = `fill="none" stroke="${COLORS[n % COLORS.length]}" stroke-width="1.5"`;
  const line = `<polyline points="${points.join(' ')}" ${look}/>`;
  return [text(LEFT, top - 10, title, 'font-weight="bold"'), ...grid(top, highest), line];
}

// Returns the marks of the time below the last panel, in minutes.
function times(lastSecond, y) {
  const step = roundUp(lastSecond / 60 / 10);
  const minutes = Array.from({ length: Math.floor(lastSecond / 60 / step) + 1 }, (_, i) => i * step);
  return minutes.map((minute) => {
    const x = LEFT + ((WIDTH - LEFT - RIGHT) * minute * 60) / lastSecond;
    return text(x.toFixed(1), y, `${minute} min`, 'text-anchor="middle"');
  });
}

export function picture(rows, panels) {
  const lastSecond = rows.at(-1).seconds;
  const height = GAP + panels.length * (PANEL + GAP);
  const drawn = panels.flatMap((one, n) => panel(rows, one, n, lastSecond));
  const size = `width="${WIDTH}" height="${height}"`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">`;
  const ground = `<rect ${size} fill="white"/>`;
  return [head, ground, ...drawn, ...times(lastSecond, height - GAP + 22), '</svg>', ''].join('\n');
}
