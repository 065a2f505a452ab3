import { createTokenSource } from '@open-banking-auth/core';
import { recordEvents } from '../recorded-events.js';
import { banks, echo, sandbox } from '../sandbox-for-each-test.js';
import type { ClientUnderTest, SuiteRequest } from './client-under-test.js';

/** The second send is the first one but for its token. */
export function testReplay(client: ClientUnderTest): void {
  test.each<[string, () => NonNullable<SuiteRequest['body']>, Record<string, string>]>([
    ['a string', () => '{"psu":"Åsa","n":1}', { 'content-type': 'application/json' }],
    ['URLSearchParams', () => new URLSearchParams({ a: 'å+ä & ö', b: '' }), {}],
    ['bytes', () => new Uint8Array([0, 255, 10, 13, 128]), { 'content-type': 'application/octet-stream' }],
    ['a Buffer', () => Buffer.from('räksmörgås'), { 'content-type': 'text/plain' }],
    ['a Blob', () => new Blob(['in a blob'], { type: 'text/plain' }), {}],
  ])(
    'the replay sends %s byte for byte, with the same headers except token and request id',
    async (_, body, headers) => {
      const send = client.over(sandbox.config);
      await send(banks);
      sandbox.revokeTokens();
      sandbox.resetStats();
      const { status } = await send(echo, {
        method: 'POST',
        body: body(),
        headers: { 'Consent-ID': 'c-1', ...headers },
      });
      expect(status).toBe(200);
      const [first, second] = sandbox.requests;
      expect(first?.body.length).toBeGreaterThan(0);
      expect(second?.body).toEqual(first?.body);
      expect(second?.headers.authorization).not.toBe(first?.headers.authorization);
      expect(second?.headers['x-request-id']).not.toBe(first?.headers['x-request-id']);
      const { authorization: _a, 'x-request-id': _b, ...kept } = first?.headers ?? {};
      expect(second?.headers).toMatchObject(kept);
    },
  );

  test('the replay sends a FormData with the same parts', async () => {
    const send = client.over(sandbox.config);
    await send(banks);
    sandbox.revokeTokens();
    sandbox.resetStats();
    const form = new FormData();
    form.set('text', 'å');
    form.set('file', new Blob([new Uint8Array([0, 1, 255])]), 'a.bin');
    expect((await send(echo, { method: 'POST', body: form })).status).toBe(200);
    const [first, second] = sandbox.requests.map(({ body }) => {
      const text = body.toString('latin1');
      return text.replaceAll(text.slice(0, text.indexOf('\r\n')), '--BOUNDARY');
    });
    expect(first).toContain('a.bin');
    expect(second).toBe(first);
  });

  if (client.copiesStreams) {
    test('a stream hidden in a Request is sent again whole, never empty', async () => {
      const tokens = createTokenSource(sandbox.config);
      await tokens.get();
      sandbox.revokeTokens();
      expect((await client.overStream(tokens)(echo, Buffer.from('streamed'))).status).toBe(200);
      expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['streamed', 'streamed']);
    });
  } else
    test('a stream is never sent again: its 401 stands, and the token is renewed for the next request', async () => {
      const { events, onEvent } = recordEvents();
      const tokens = createTokenSource({ ...sandbox.config, onEvent });
      const old = await tokens.get();
      sandbox.revokeTokens();
      const { status } = await client.overStream(tokens)(echo, Buffer.from('streamed'));
      expect(status).toBe(401);
      expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['streamed']);
      expect(events('request.unauthorized')).toEqual([
        expect.objectContaining({ verdict: 'pass', reason: 'body_not_repeatable' }),
      ]);
      expect((await tokens.get()).value).not.toBe(old.value);
      expect((await client.overStream(tokens)(echo, Buffer.from('again'))).status).toBe(200);
    });
}
