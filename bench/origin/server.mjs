// A minimal token endpoint and API, in a separate process so that their work is not measured.
// Tokens look like JWTs, since one contender reads their `exp`. Requests are counted; messages query the counts.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const LIFETIME_S = 3_600;
const BANKS = JSON.stringify({ aspsps: [{ bicFi: 'TESTSESS', name: 'Testbanken AB' }] });
const REFUSAL = JSON.stringify({ tppMessages: [{ category: 'ERROR', code: 'TOKEN_EXPIRED', text: 'Token expired' }] });
const CHUNK = Buffer.alloc(65_536, 0x61);

/** Expiry by token. */
const tokens = new Map();
let fault = {};
let counts = {};
let skippedMs = 0;

const controls = {
  /** `tokenDelayMs`, `tokenStatus`, `tokenBody`, `refuseAll`; anything omitted stays normal. */
  fault: (wanted) => {
    fault = wanted;
  },
  revoke: () => tokens.clear(),
  /** Moves the server's clock, for token lifetimes only. */
  skip: (ms) => {
    skippedMs = ms;
  },
  count: () => {
    const counted = { tokenRequests: 0, tokensIssued: 0, apiRequests: 0, unauthorized: 0, ...counts };
    counts = {};
    return counted;
  },
};

function counted(name) {
  counts[name] = (counts[name] ?? 0) + 1;
}

function now() {
  return Date.now() + skippedMs;
}

function answer(response, status, body, headers) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

function issue() {
  const expiresMs = now() + LIFETIME_S * 1_000;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { exp: Math.floor(expiresMs / 1_000), jti: randomUUID() };
  const token = `${part({ alg: 'RS256', typ: 'at+jwt' })}.${part(claims)}.${part(randomUUID().repeat(8))}`;
  tokens.set(token, expiresMs);
  counted('tokensIssued');
  return JSON.stringify({
    access_token: token,
    expires_in: LIFETIME_S,
    token_type: 'Bearer',
    scope: 'accountinformation private',
  });
}

function answerToken(response) {
  const { tokenStatus, tokenBody = '' } = fault;
  if (tokenStatus !== undefined) answer(response, tokenStatus, tokenBody);
  else answer(response, 200, issue(), { 'cache-control': 'no-store' });
}

function answerApi(request, response, received) {
  const token = request.headers.authorization?.slice('Bearer '.length);
  const isOpen = request.url.startsWith('/open/');
  const wanted = /\/upload\/(\d+)$/.exec(request.url)?.[1];
  const bytes = /\/download\/(\d+)$/.exec(request.url)?.[1];
  if (!isOpen && (fault.refuseAll || !(tokens.get(token) > now()))) {
    counted('unauthorized');
    answer(response, 401, REFUSAL, { 'www-authenticate': 'Bearer error="invalid_token"' });
  } else if (bytes !== undefined) {
    sendBytes(response, Number(bytes));
  } else if (wanted !== undefined && received !== Number(wanted)) {
    answer(response, 400, `Received ${received} bytes, expected ${wanted}`);
  } else {
    answer(response, 200, BANKS);
  }
}

function sendBytes(response, bytes) {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes });
  let left = bytes;
  const more = () => {
    while (left > 0) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
}

/** The platform's token endpoint and API are two hosts, so these are two origins. */
async function listen(name, answerRequest) {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    counted(name);
    let received = 0;
    // Responds once the whole request has arrived, like any server that reads its input.
    request.on('data', (chunk) => {
      received += chunk.length;
    });
    request.once('end', () => answerRequest(request, response, received));
  });
  await once(server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }), 'listening');
  return server.address().port;
}

const tokenPort = await listen('tokenRequests', (_, response) => {
  if (fault.tokenDelayMs) setTimeout(answerToken, fault.tokenDelayMs, response);
  else answerToken(response);
});
const apiPort = await listen('apiRequests', answerApi);
process.on('message', ({ id, control, value }) => process.send({ id, result: controls[control](value) }));
process.on('disconnect', () => process.exit());
process.send({ tokenPort, apiPort });
