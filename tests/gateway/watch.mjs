// A well-behaved client that runs next to misbehaving clients or services. Each event of its counter must reach it, in
// order, and each of its calls must be answered.
import assert from 'node:assert/strict';

import { ResClient } from './res_client.mjs';

const RID = 'watch.counter';

export class Watch {
  static async start(port, service) {
    service.model(RID, { n: 0 });
    service.on(`call.${RID}.echo`, ({ params }) => ({ result: params }));
    const client = await ResClient.open(port);
    assert.deepEqual(await client.result(`subscribe.${RID}`), { models: { [RID]: { n: 0 } } });
    return new Watch(client, service);
  }

  constructor(client, service) {
    this.client = client;
    this.service = service;
    this.n = 0;
  }

  async check() {
    const n = ++this.n;
    this.service.event(RID, 'change', { values: { n } });
    assert.deepEqual(await this.client.take(1), [{ event: `${RID}.change`, data: { values: { n } } }]);
    assert.deepEqual(await this.client.result(`call.${RID}.echo`, { n }), { payload: { n } });
  }

  // Checks repeatedly while `work` runs, and once afterwards.
  async during(work) {
    let over = false;
    const checks = (async () => {
      do await this.check();
      while (!over);
    })();
    try {
      return await work();
    } finally {
      over = true;
      await checks;
      await this.check();
    }
  }

  end() {
    this.client.end();
  }
}
