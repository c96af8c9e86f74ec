// What the examples of logging in protect: ticker.model, which counts the seconds since this service started. Only a
// client whose token has a role may see it; which service gave the token does not matter.
//
//   node ticker_service.mjs [--nats nats://127.0.0.1:4222]
import { Service } from './service.mjs';

const ticker = { seconds: 0 };

const service = await Service.connect('ticker', ['ticker.model']);
service.serve({
  'access.ticker.model': ({ token }) => ({ get: Boolean(token?.role) }),
  'get.ticker.model': () => ({ model: ticker }),
});
await service.ready();

setInterval(() => {
  ticker.seconds += 1;
  service.change('ticker.model', ticker);
}, 1000);
