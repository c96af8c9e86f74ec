// A text for those who have a token: only connections whose token has a role see example.model, and only editors may
// set it. Where the token came from does not matter here.
//
//   node example_service.mjs [--nats nats://127.0.0.1:4222]
import { checkObject, invalidParams, Service } from '../shared/service.mjs';

const MAX_LENGTH = 1000;
const model = { message: 'Hello, secure World!' };

function set({ params }) {
  const { message } = checkObject(params);
  if (typeof message !== 'string') throw invalidParams('The message must be a string', { field: 'message' });
  if (message.length > MAX_LENGTH) {
    throw invalidParams(`The message must not exceed ${MAX_LENGTH} characters`, { field: 'message' });
  }
  if (message === model.message) return; // an event tells what has changed, and nothing has
  model.message = message;
  service.change('example.model', { message });
}

const service = await Service.connect('example', ['example.model']);
service.serve({
  'access.example.model': ({ token }) => ({ get: Boolean(token?.role), call: token?.role === 'editor' ? 'set' : '' }),
  'get.example.model': () => ({ model }),
  'call.example.model.set': set,
});
await service.ready();
