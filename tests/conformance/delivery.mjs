// How the bytes of a case come to the server: as they are, and cut in two at every byte if they are few.
const SMALL = 200; // bytes; smaller cases are cut at every byte
const TLS_STEP = 8; // over TLS they are cut at every eighth byte

// Returns the places at which a case of so many bytes is cut.
export function cutsOf(size, secure) {
  const places = [];
  if (size >= SMALL) return places;
  const step = secure ? TLS_STEP : 1;
  for (let at = step; at < size; at += step) places.push(at);
  return places;
}

// Runs a case in all ways at once. Throws what the first one throws that goes wrong. The runner has the functions
// deliveries(row, secure), deliver(server, row, way, secure), and sizes(way), which tells how the bytes are cut.
export async function runCase({ deliveries, deliver, sizes }, server, row, secure) {
  const one = async (way) => {
    try {
      await deliver(server, row, way, secure);
    } catch (error) {
      const name = row.id ?? `"${row.name}"`;
      error.message = `case ${name} (${secure ? 'TLS, ' : ''}bytes: ${sizes(way)}): ${error.message}`;
      throw error;
    }
  };
  await Promise.all(deliveries(row, secure).map(one));
}
