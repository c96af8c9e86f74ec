// A service for sessions that last longer than a connection. Logging in with session.login starts a session and gives
// the client a key. With the key, session.relogin moves the session to another connection; a key works once, and the
// reply has the next one. Each connection has a model session.user.<cid>, which only that connection may read: it says
// who is logged in on it.
//
//   node session_service.mjs [--nats nats://127.0.0.1:4222] [--lifetime 120]
//
// Sessions are kept in memory, so a restart ends them; a real service would keep them in a database.
import { randomBytes } from 'node:crypto';
import { isPassword, keepPassword } from '../shared/passwords.mjs';
import { checkObject, invalidParams, options, Refusal, Service } from '../shared/service.mjs';

const given = options({ lifetime: '120' }); // seconds that a session lives after its last key was issued
const LIFETIME_MS = Number(given.lifetime) * 1000;
const NOBODY = { id: null, name: null, role: null };

const USERS = {
  admin: { id: 1, name: 'Administrator', role: 'admin' },
  guest: { id: 2, name: 'Guest', role: 'guest' },
  jane: { id: 3, name: 'Jane Doe', role: 'user' },
  john: { id: 4, name: 'John Doe', role: 'user' },
};
// The password of each user is the user's name, as the page says.
const passwords = new Map();
for (const name of Object.keys(USERS)) passwords.set(name, await keepPassword(name));

const MAX_KEYS = 100; // keys that are remembered for each session
const byKey = new Map(); // key -> its session, and its number among the session's keys, counted from 1
const byConnection = new Map(); // cid -> the session that the connection has now

// Logs the session's user in on the connection `cid`, and out on any other connection.
function attach(session, cid) {
  if (session.cid === cid) return;
  const former = byConnection.get(cid);
  if (former) end(former);
  if (session.cid) detach(session);
  session.cid = cid;
  byConnection.set(cid, session);
  const { id, name, role } = session.user;
  service.setToken(cid, { userId: id, role }); // services see the token
  service.change(`session.user.${cid}`, { id, name, role }); // the client sees the model
}

// Logs the session's user out on its connection.
function detach(session) {
  byConnection.delete(session.cid);
  service.change(`session.user.${session.cid}`, NOBODY);
  service.setToken(session.cid, null);
  session.cid = null;
}

// Ends a session, logs its user out, and forgets its keys.
function end(session) {
  clearTimeout(session.timer);
  if (session.cid) detach(session);
  forgetKeys(session, () => true);
}

function forgetKeys(session, isForgotten) {
  session.keys = session.keys.filter((key) => {
    if (!isForgotten(byKey.get(key).number)) return true;
    byKey.delete(key);
    return false;
  });
}

// Issues the next key of a session, and restarts its lifetime. The page has to use the key before half of the lifetime
// is over.
function giveKey(session) {
  const key = randomBytes(24).toString('base64url');
  const number = (session.given += 1);
  session.keys.push(key);
  byKey.set(key, { session, number });
  forgetKeys(session, (other) => other <= number - MAX_KEYS);
  clearTimeout(session.timer);
  session.timer = setTimeout(() => end(session), LIFETIME_MS);
  return { reloginKey: key, renewAfter: LIFETIME_MS / 2 };
}

async function login({ cid, params }) {
  const { username, password } = checkObject(params);
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw invalidParams('There must be a username and a password');
  }
  const name = username.trim().toLowerCase();
  if (!(await isPassword(password, passwords.get(name)))) {
    throw new Refusal('session.wrongUsernamePassword', 'Wrong username or password', { field: 'password' });
  }
  const session = { user: USERS[name], cid: null, keys: [], given: 0, used: 0, timer: null };
  attach(session, cid);
  return giveKey(session);
}

// Moves a session to this connection. A key works once. There is one exception: the last key that was used works again
// until its successor has been used, because the reply with the successor may have been lost with the connection. Any
// older key that is used again may have been stolen. Since nobody can tell which user is the thief, the session then
// ends.
function relogin({ cid, params }) {
  const { reloginKey } = checkObject(params);
  const { session, number } = byKey.get(reloginKey) ?? {};
  if (session && number < session.used) end(session);
  if (!session || number < session.used) throw new Refusal('session.invalidReloginKey', 'The session is over');
  session.used = number;
  forgetKeys(session, (other) => other > number);
  attach(session, cid);
  return giveKey(session);
}

function logout({ cid }) {
  const session = byConnection.get(cid);
  if (session) end(session);
}

// session.user.<cid> -> cid
const cidOf = (rid) => rid.slice('session.user.'.length);

// Returns the model with a connection's user. If the connection has no session here, its token is taken away: an
// earlier run of this service may have set one.
function getUser({ rid }) {
  const session = byConnection.get(cidOf(rid));
  if (!session) service.setToken(cidOf(rid), null);
  const { id, name, role } = session?.user ?? NOBODY;
  return { model: { id, name, role } };
}

const service = await Service.connect('session', ['session.>'], given.nats);
service.serve({
  'access.session.user.*': ({ rid, cid }) => ({ get: cid === cidOf(rid) }),
  'get.session.user.*': getUser,
  'auth.session.login': login,
  'auth.session.relogin': relogin,
  'auth.session.logout': logout,
});
await service.ready();
