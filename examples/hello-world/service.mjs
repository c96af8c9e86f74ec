// The smallest RES service: one model, which everyone may read. The other examples use shared/service.mjs for the
// protocol; this one has it in full.
//
//   NATS_URL=nats://127.0.0.1:4222 node service.mjs
import { connect } from 'nats';

const nats = await connect({
  servers: process.env.NATS_URL ?? 'nats://127.0.0.1:4222',
  waitOnFirstConnect: true, // NATS may start later than this service,
  maxReconnectAttempts: -1, // and may be restarted
});
const json = (value) => new TextEncoder().encode(JSON.stringify(value));

// "What is example.model?" The gateway asks once, for any number of clients.
nats.subscribe('get.example.model', {
  callback: (error, message) => message.respond(json({ result: { model: { message: 'Hello, World!' } } })),
});

// "May this client see it?" The request says which client; that does not matter here.
nats.subscribe('access.example.model', {
  callback: (error, message) => message.respond(json({ result: { get: true } })),
});

// "Forget what you know of example.model." A gateway that was running before this service then asks again.
nats.publish('system.reset', json({ resources: ['example.model'], access: ['example.model'] }));
await nats.flush();
console.log(`The hello service is ready on ${nats.getServer()}`);
