import { createTokenSource } from '@open-banking-auth/core';
import { sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import axios from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { installBoth, orders, statusOf } from './equipped.js';

sandboxForEachTest();

describe.each(orders)('axios-mock-adapter, %s', (_, ours, order) => {
  function equipped() {
    const api = axios.create({ baseURL: sandbox.apiUrl });
    const source = createTokenSource(sandbox.config);
    const mocks: MockAdapter[] = [];
    installBoth(
      order,
      () => ours(api, source),
      // Its types are those of axios' CommonJS half.
      () => mocks.push(new MockAdapter(api as never, { onNoMatch: 'throwException' })),
    );
    const [mock] = mocks;
    if (!mock) throw new Error('No mock was made');
    return { api, source, mock };
  }

  test('responds in place of the API, and can distinguish requests by their token', async () => {
    const { api, source, mock } = equipped();
    const { value } = await source.get();
    const Authorization = `Bearer ${value}`;
    mock.onGet('/banks', { headers: expect.objectContaining({ Authorization }) as never }).reply(200, 'with the token');
    expect((await api.get('/banks')).data).toBe('with the token');
    expect(sandbox.stats().apiRequests).toBe(0);
  });

  test('its history shows configs as they are after the send: without the token', async () => {
    const { api, mock } = equipped();
    mock.onGet('/banks').reply(200);
    await api.get('/banks');
    expect(mock.history.get).toHaveLength(1);
    expect(mock.history.get[0]?.headers).not.toHaveProperty('Authorization');
  });

  test('its 401s are judged as real ones are', async () => {
    const { api, mock } = equipped();
    mock
      .onGet('/banks')
      .replyOnce(401, { tppMessages: [{ code: 'TOKEN_EXPIRED' }] })
      .onGet('/banks')
      .replyOnce(200, 'renewed')
      .onGet('/banks')
      .replyOnce(401, { tppMessages: [{ code: 'CONSENT_EXPIRED' }] });
    expect((await api.get('/banks')).data).toBe('renewed');
    expect(await api.get('/banks').catch(statusOf)).toBe(401);
    expect(mock.history.get).toHaveLength(3);
    expect(sandbox.stats().tokenRequests).toBe(2);
  });

  test('a network error and a timeout of its are passed on', async () => {
    const { api, mock } = equipped();
    mock.onGet('/down').networkError().onGet('/slow').timeout();
    await expect(api.get('/down')).rejects.toThrow('Network Error');
    await expect(api.get('/slow')).rejects.toMatchObject({ code: 'ECONNABORTED' });
    expect(sandbox.stats().tokenRequests).toBe(1);
  });
});
