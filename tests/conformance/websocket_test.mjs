// The web server as a WebSocket server, against the lists of WebSocket cases (README.md).
import { websocketGroups } from './groups.mjs';
import { testGroups } from './suite.mjs';
import * as runner from './websocket_runner.mjs';

testGroups(websocketGroups, runner);
