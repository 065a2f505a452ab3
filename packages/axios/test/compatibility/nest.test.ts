import 'reflect-metadata';
import { HttpService } from '@nestjs/axios';
import { sandbox, sandboxForEachTest, tokenRequested } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import axios, { CanceledError } from 'axios';
import { firstValueFrom, type Subscription } from 'rxjs';
import { ways } from './equipped.js';

sandboxForEachTest();

describe.each(ways)("NestJS's HttpService, %s on its axiosRef", (_, ours) => {
  function service(): HttpService {
    const made = new HttpService(axios.create({ baseURL: sandbox.apiUrl }));
    ours(made.axiosRef, sandbox.config);
    return made;
  }

  test('requests have the token, and one that is unauthorized is sent again', async () => {
    const http = service();
    const banks = () => firstValueFrom(http.get('/psd2/aspspinformation/v1/aspsps'));
    expect((await banks()).data.aspsps).toHaveLength(2);
    sandbox.revokeTokens();
    expect((await banks()).status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
  });

  test('whoever unsubscribes while the token is fetched ends the request: nothing reaches the API', async () => {
    const http = service();
    const cancelled = new Promise((resolve) => http.axiosRef.interceptors.response.use(undefined, resolve));
    const release = sandbox.fault({ kind: 'hang', at: 'token' });
    const subscription: Subscription = http.get('/psd2/aspspinformation/v1/aspsps').subscribe();
    await tokenRequested();
    subscription.unsubscribe();
    expect(await cancelled).toBeInstanceOf(CanceledError);
    release();
    expect(sandbox.stats().apiRequests).toBe(0);
  });
});
