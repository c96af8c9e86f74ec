// One text that all users edit: the model example.shared, with the text and its version. The method set replaces the
// text. The method edit changes a part of it, and names the version that the change is for. It is refused if that
// version is not the latest one; the page then merges and tries again.
//
//   node service.mjs [--nats nats://127.0.0.1:4222]
import { checkObject, invalidParams, Refusal, Service } from '../shared/service.mjs';

const MAX_LENGTH = 20_000;
const shared = { message: 'Edit me!\n\nOpen this page in another window, too.', version: 1 };

function replace(message) {
  if (message.length > MAX_LENGTH) throw invalidParams(`The text must not exceed ${MAX_LENGTH} characters`);
  if (message === shared.message) return; // nothing has changed, so there is no event to send
  shared.message = message;
  shared.version += 1;
  service.change('example.shared', shared);
}

function set({ params }) {
  const { message } = checkObject(params);
  if (typeof message !== 'string') throw invalidParams('The message must be a string');
  replace(message);
}

function edit({ params }) {
  const { version, at, remove, insert } = checkObject(params);
  if (typeof insert !== 'string') throw invalidParams('What is inserted must be a string');
  if (version !== shared.version) throw new Refusal('example.stale', 'The text has changed meanwhile');
  const { message } = shared;
  const isPlace = (place) => Number.isInteger(place) && place >= 0 && place <= message.length;
  if (!isPlace(at) || !isPlace(remove) || !isPlace(at + remove)) throw invalidParams('There is no such place in the text');
  replace(message.slice(0, at) + insert + message.slice(at + remove));
}

const service = await Service.connect('text', ['example.shared']);
service.serve({
  'access.example.shared': () => ({ get: true, call: 'set,edit' }),
  'get.example.shared': () => ({ model: shared }),
  'call.example.shared.set': set,
  'call.example.shared.edit': edit,
});
await service.ready();
