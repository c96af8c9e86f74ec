// The service that the examples with a login protect. Its model ticker.model counts the seconds since the service
// started. Only a client whose token has a role may read it; it does not matter which service has set the token.
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
