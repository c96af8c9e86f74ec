// Certificates for tests, made by the openssl program: an authority, and certificates that it signs.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const NAMES = 'DNS:localhost,IP:127.0.0.1';

function openssl(args) {
  const { status, stderr, error } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(`openssl ${args.join(' ')}: ${stderr}`);
}

function newKey(kind) {
  return kind === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-newkey', 'rsa:2048'];
}

export class Authority {
  // Stores its files, and the files of its certificates, in `folder`.
  constructor(folder, name = 'authority') {
    this.folder = folder;
    this.own = this.#files(name);
    openssl(this.#request(name, 'ec', ['-addext', 'basicConstraints=critical,CA:TRUE']));
    this.cert = this.own.cert;
  }

  // Issues a certificate for 127.0.0.1 and localhost; it is valid for clients, too. `key` is "ec" or "rsa".
  issue(name, { key = 'ec' } = {}) {
    const signed = ['-CA', this.own.cert, '-CAkey', this.own.key, '-addext', 'basicConstraints=CA:FALSE'];
    openssl(this.#request(name, key, [...signed, '-addext', `subjectAltName=${NAMES}`]));
    return this.#files(name);
  }

  #files(name) {
    return { cert: path.join(this.folder, `${name}.pem`), key: path.join(this.folder, `${name}.key`) };
  }

  #request(name, key, extra) {
    const { cert, key: keyFile } = this.#files(name);
    const out = ['-nodes', '-days', '30', '-keyout', keyFile, '-out', cert];
    return ['req', '-x509', '-subj', `/CN=${name}`, ...newKey(key), ...out, ...extra];
  }
}
