// The web server as an HTTP server, against the lists of HTTP cases (README.md).
import { httpGroups } from './groups.mjs';
import * as runner from './http_runner.mjs';
import { testGroups } from './suite.mjs';

testGroups(httpGroups, runner);
