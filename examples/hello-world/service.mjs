// The least a RES service needs: one model, and leave for everyone to read it. The other examples leave the protocol
// to shared/service.mjs; here it is in full.
//
//   NATS_URL=nats://127.0.0.1:4222 node service.mjs
import { connect } from 'nats';

const nats = await connect({
  servers: process.env.NATS_URL ?? 'nats://127.0.0.1:4222',
  waitOnFirstConnect: true, // for NATS may start later than this,
  maxReconnectAttempts: -1, // and may be restarted
});
const json = (value) => new TextEncoder().encode(JSON.stringify(value));

// "What is example.model?" The gateway asks once, for however many clients.
nats.subscribe('get.example.model', {
  callback: (error, message) => message.respond(json({ result: { model: { message: 'Hello, World!' } } })),
});

// "May this client see it?" The request says who asks; here that does not matter.
nats.subscribe('access.example.model', {
  callback: (error, message) => message.respond(json({ result: { get: true } })),
});

// "Forget what you have heard of example.model": a gateway that was there before this service asks again.
nats.publish('system.reset', json({ resources: ['example.model'], access: ['example.model'] }));
await nats.flush();
console.log(`The hello service is ready on ${nats.getServer()}`);
