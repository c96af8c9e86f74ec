// Signing in at the page server, as at any web site: it sets a cookie that scripts cannot read. The browser sends it to
// the gateway too, for cookies do not heed ports.
import { serialize } from 'cookie';
import { COOKIE, LIFETIME_S, sign } from './tokens.mjs';

const PLACE = { path: '/', httpOnly: true, sameSite: 'lax' }; // and secure: true, where the page is served over HTTPS

// A browser sends a form of another site along with the cookies of this one; not so a request with a header of its own.
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
