// An operator of a NATS server with an account and users, as the nsc tool makes them: signed JWTs, and a credentials
// file for each user.
import { randomUUID } from 'node:crypto';

import { createAccount, createOperator, createUser } from 'nkeys.js';

const base64 = (bytes) => Buffer.from(bytes).toString('base64url');

// Returns a JWT in which `issuer` makes `claims` about the owner of the key `subject`.
function jwt(issuer, subject, name, claims) {
  const header = base64(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }));
  const body = base64(
    JSON.stringify({
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      iss: issuer.getPublicKey(),
      sub: subject.getPublicKey(),
      name,
      nats: { version: 2, ...claims },
    }),
  );
  const signed = `${header}.${body}`;
  return `${signed}.${base64(issuer.sign(Buffer.from(signed)))}`;
}

export class Operator {
  constructor() {
    this.key = createOperator();
    this.account = createAccount();
  }

  // Returns the lines for the server's configuration file.
  serverConfig() {
    const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
    return [
      `operator: ${jwt(this.key, this.key, 'operator', { type: 'operator' })}`,
      'resolver: MEMORY',
      'resolver_preload: {',
      `  ${this.account.getPublicKey()}: ${jwt(this.key, this.account, 'account', { type: 'account', limits })}`,
      '}',
    ].join('\n');
  }

  // Returns the text of a credentials file for a new user.
  user(name) {
    const key = createUser();
    const claims = { type: 'user', pub: {}, sub: {}, subs: -1, data: -1, payload: -1 };
    return [
      '-----BEGIN NATS USER JWT-----',
      jwt(this.account, key, name, claims),
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      Buffer.from(key.getSeed()).toString(),
      '------END USER NKEY SEED------',
      '',
    ].join('\n');
  }
}
