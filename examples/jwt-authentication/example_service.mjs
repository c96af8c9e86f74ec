// A protected text: only connections whose token has a role may read example.model, and only editors may set it. This
// service does not care which service has set the token.
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
  if (message === model.message) return; // nothing has changed, so there is no event to send
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
