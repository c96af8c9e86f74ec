// Signs users in and out at the page server, as a web site would: it sets a cookie that scripts cannot read. The
// browser sends the cookie to the gateway, too, because cookies do not depend on the port.
import { serialize } from 'cookie';
import { COOKIE, LIFETIME_S, sign } from './tokens.mjs';

const PLACE = { path: '/', httpOnly: true, sameSite: 'lax' }; // add secure: true if the page is served over HTTPS

// Protects against forged requests. A form on another site is sent with the cookies of this site, but it cannot add a
// header of its own.
const isFromPage = (request) => request.headers['x-requested-with'] === 'page';

export const routes = {
  async 'POST /login'(request, reply) {
    if (!isFromPage(request)) return reply(403, 'Only from the page\n');
    const cookie = serialize(COOKIE, await sign({ role: 'editor' }), { ...PLACE, maxAge: LIFETIME_S });
    reply(204, '', { 'Set-Cookie': cookie });
  },
  async 'POST /logout'(request, reply) {
    if (!isFromPage(request)) return reply(403, 'Only from the page\n');
    reply(204, '', { 'Set-Cookie': serialize(COOKIE, '', { ...PLACE, maxAge: 0 }) });
  },
};
