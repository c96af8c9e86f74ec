// The data of the compressed messages: made up, always the same, and of the kinds that the files of the Autobahn test
// suite have.
import { Random } from '../gateway/random.mjs';

const SIZE = 160 << 10; // characters, or bytes

const WORDS = ('Habe nun ach Philosophie Juristerei und Medizin und leider auch Theologie durchaus studiert mit heißem ' +
  'Bemühn da steh ich nun ich armer Tor und bin so klug als wie zuvor heiße Magister heiße Doktor gar').split(' ');

// Returns a text of pieces.
function textOf(seed, piece) {
  const random = new Random(seed);
  let text = '';
  while (text.length < SIZE) text += piece(random);
  return text.slice(0, SIZE);
}

const json = (random) => JSON.stringify({ id: random.next(), name: random.of(WORDS), on: random.oneIn(2), at: [1, 2] });
const play = (random) => `${random.of(WORDS)}${random.oneIn(9) ? ',\n' : ' '}`;
const page = (random) => `<li class="${random.of(WORDS)}"><a href="/${random.below(999)}">${random.of(WORDS)}</a></li>\n`;

// Returns bytes that repeat themselves now and then, and are not UTF-8 wherever they are cut.
function bytesOf(seed, step) {
  const random = new Random(seed);
  const bytes = Buffer.alloc(SIZE);
  for (let at = 0; at < SIZE; ++at) bytes[at] = at % 8 === 0 ? 0xff : at % step === 0 ? random.below(256) : bytes[at - 1];
  return bytes;
}

const DATA = {
  json: textOf(1, json),
  play: textOf(2, play),
  page: textOf(3, page),
  picture: bytesOf(4, 3),
  document: bytesOf(5, 1),
};

// Returns `count` parts of the data, one after the other, from its start again after its end. They are cut between
// characters.
export function slices(name, size, count) {
  const data = DATA[name];
  const twice = typeof data === 'string' ? data + data : Buffer.concat([data, data]);
  return Array.from({ length: count }, (_, i) => {
    const at = (i * size) % SIZE;
    return Buffer.from(twice.slice(at, at + size));
  });
}
