// Starts nats-server and the gateway as processes of a test.
import { fileURLToPath } from 'node:url';

import * as tools from '../../tools/processes.mjs';

export { ENVIRONMENT, freePort } from '../../tools/processes.mjs';

const BUILT = fileURLToPath(new URL('../../build/release/resflow', import.meta.url));
export const RESFLOW = process.env.RESFLOW || BUILT;

// The processes and files of one test, or of all tests of a test file.
export class Stage extends tools.Stage {
  async startNats(args = []) {
    const nats = await super.startNats({ args: ['-m', '-1', ...args] });
    nats.monitorPort = +(await nats.says(/http monitor on 127\.0\.0\.1:(\d+)/))[1];
    return nats;
  }

  // `config` becomes the content of the gateway's configuration file.
  startGateway(nats, { args = [], config } = {}) {
    return super.startGateway(RESFLOW, nats.url, { options: [...this.#configArgs(config), ...args] });
  }

  gatewayArgs(natsUrl, { config, port = 0 } = {}) {
    return ['--nats', natsUrl, '--addr', '127.0.0.1', '--port', `${port}`, ...this.#configArgs(config)];
  }

  #configArgs(config) {
    return config ? ['--config', this.file('config.json', JSON.stringify(config))] : [];
  }

  // Returns how many subscriptions the gateway has at the nats-server, from the server's monitoring port.
  async gatewaySubscriptions(nats) {
    const response = await fetch(`http://127.0.0.1:${nats.monitorPort}/connz`);
    const connection = (await response.json()).connections.find((c) => c.name === 'resflow');
    return connection?.subscriptions;
  }
}
