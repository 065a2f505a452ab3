import { createTokenSource } from '@open-banking-auth/core';
import { echo, sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import axios from 'axios';
import FormDataPackage from 'form-data';
import { statusOf, ways } from './equipped.js';

sandboxForEachTest();

describe.each(ways)('form-data, %s', (_, ours) => {
  async function refused() {
    const api = axios.create();
    const source = createTokenSource(sandbox.config);
    ours(api, source);
    const old = await source.get();
    sandbox.revokeTokens();
    return { api, source, old };
  }

  function form() {
    const made = new FormDataPackage();
    made.append('text', 'å');
    made.append('file', Buffer.from([0, 1, 255]), 'a.bin');
    return made;
  }

  test('is a stream, so its 401 stands; the next request has a new token', async () => {
    const { api, source, old } = await refused();
    expect(await api.post(echo, form()).catch(statusOf)).toBe(401);
    expect(sandbox.stats().apiRequests).toBe(1);
    expect((await source.get()).value).not.toBe(old.value);
    expect((await api.post(echo, form())).status).toBe(200);
  });

  test('given as a buffer it is sent again byte for byte', async () => {
    const { api } = await refused();
    const body = form();
    expect((await api.post(echo, body.getBuffer(), { headers: body.getHeaders() })).status).toBe(200);
    const [first, second] = sandbox.requests;
    expect(first?.body.toString('latin1')).toContain('a.bin');
    expect(second?.body).toEqual(first?.body);
  });

  test("is what axios' postForm makes of an object: its 401 stands too", async () => {
    const { api, source } = await refused();
    expect(await api.postForm(echo, { text: 'å' }).catch(statusOf)).toBe(401);
    await source.get();
    expect((await api.postForm(echo, { text: 'å' })).status).toBe(200);
  });

  test('is not needed: a native FormData is sent again', async () => {
    const { api } = await refused();
    const native = new FormData();
    native.set('text', 'å');
    expect((await api.post(echo, native)).status).toBe(200);
    expect(sandbox.requests.map(({ body }) => body.toString().includes('å'))).toEqual([true, true]);
  });
});
