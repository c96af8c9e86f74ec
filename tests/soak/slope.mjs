// The slope of measurements over time, and how far it can be trusted.

const Z = 1.95996; // 97.5 % of a normal distribution lie below it

// Returns the value below which 97.5 % of Student's distribution lie (Cornish and Fisher's expansion).
function student(freedom) {
  const square = Z ** 5 * 5 + 16 * Z ** 3 + 3 * Z;
  return Z + (Z ** 3 + Z) / (4 * freedom) + square / (96 * freedom ** 2);
}

const sum = (list) => list.reduce((a, b) => a + b, 0);
const mean = (list) => sum(list) / list.length;

// Returns how much each residual resembles the one before it: from 0, not at all, to almost 1.
function resemblance(residuals) {
  const pairs = sum(residuals.slice(1).map((r, i) => r * residuals[i]));
  const squares = sum(residuals.map((r) => r * r));
  return squares > 0 ? Math.min(0.99, Math.max(0, pairs / squares)) : 0;
}

// Fits y = a + b*x by least squares. Returns b, and the upper end of the interval in which b lies with a confidence
// of 95 %. Neighbouring measurements resemble each other, and so tell less than independent ones: n measurements whose
// residuals have the correlation r with their neighbours count as n*(1-r)/(1+r).
export function slopeOf(xs, ys) {
  const n = xs.length;
  const [x0, y0] = [mean(xs), mean(ys)];
  const spread = sum(xs.map((x) => (x - x0) ** 2));
  const slope = sum(xs.map((x, i) => (x - x0) * (ys[i] - y0))) / spread;
  const residuals = ys.map((y, i) => y - y0 - slope * (xs[i] - x0));
  const r = resemblance(residuals);
  const independent = Math.max(3, (n * (1 - r)) / (1 + r));
  const variance = sum(residuals.map((e) => e * e)) / (independent - 2);
  const error = Math.sqrt(variance / spread);
  return { slope, upper: slope + student(independent - 2) * error, independent };
}
