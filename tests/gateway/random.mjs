// Random data. The same seed gives the same sequence.
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  // The Mulberry32 generator.
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  below(n) {
    return this.next() % n;
  }
  oneIn(n) {
    return this.below(n) === 0;
  }
  of(list) {
    return list[this.below(list.length)];
  }
  bytes(max) {
    return Buffer.from(Array.from({ length: this.below(max + 1) }, () => this.below(256)));
  }

  // Returns a random JSON value. Its member names are taken from `names`, which contains names of the protocol.
  json(names, depth = 3) {
    const leaf = [null, true, false, 0, -1, 1.5, 1e300, 2 ** 53, '', 'text', 'é\u0000"\\', ...names];
    if (depth === 0 || this.oneIn(2)) return this.of(leaf);
    const values = Array.from({ length: this.below(4) }, () => this.json(names, depth - 1));
    if (this.oneIn(3)) return values;
    return Object.fromEntries(values.map((v) => [this.of(names), v]));
  }

  // Returns the text with some characters removed, repeated or replaced.
  damaged(text) {
    const characters = [...text];
    for (let i = 0; i <= this.below(3) && characters.length > 0; ++i) {
      const at = this.below(characters.length);
      characters.splice(at, this.below(3), ...this.of([[], ['"'], ['{'], [','], ['\u0000'], [characters[0]]]));
    }
    return characters.join('');
  }
}
