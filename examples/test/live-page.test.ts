import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { Chromium } from '@open-banking-auth/test-kit/chromium';
import { commandOf, describeWith } from '@open-banking-auth/test-kit/programs';
import axios from 'axios';
import ky from 'ky';
import { pageAsset } from '../../scripts/page-asset.mjs';

const chromium = commandOf('chromium');
const banks = '/psd2/aspspinformation/v1/aspsps';

const clients: Readonly<Record<string, (sandbox: Sandbox) => () => Promise<unknown>>> = {
  axios: ({ config, apiUrl }) => {
    const api = axios.create({ baseURL: apiUrl });
    api.interceptors.request.use(axiosAuth(config));
    return () => api.get(banks);
  },
  ky: ({ config, apiUrl }) => {
    const api = ky.extend(kyAuth(config));
    return () => api.get(apiUrl + banks);
  },
  fetch: ({ config, apiUrl }) => {
    const fetch = openBankingFetch(createTokenSource(config));
    return () => fetch(apiUrl + banks);
  },
};

describeWith('chromium', chromium !== undefined, 'the live page', () => {
  let browser: Chromium;
  beforeAll(async () => {
    Object.assign(globalThis, { PAGE_ASSET: pageAsset() });
    browser = await Chromium.start(chromium ?? '');
    await browser.show(1280, 900);
  });
  afterAll(() => browser.close());

  test.each(Object.keys(clients))('shows how %s gets over a token that is revoked by a button', async (name) => {
    await using sandbox = await startSandbox({ page: true });
    await browser.open(sandbox.pageUrl ?? '');
    await browser.until(`document.querySelector('#button-revoke') !== null`);
    const call = clients[name]?.(sandbox);
    await call?.();
    await browser.until(`document.querySelectorAll('rect.token:not(.ended)').length === 1`);

    await browser.evaluate(`document.querySelector('#button-revoke').click()`);
    await browser.until(`document.querySelectorAll('rect.token.ended').length === 1`);
    await call?.();

    await browser.until(`document.querySelectorAll('rect.token:not(.ended)').length === 1`);
    await browser.until(
      `document.querySelector('#chart path.unauthorized') && document.querySelector('#chart path.join')`,
    );
    await browser.until(`document.querySelector('#happenings').textContent.includes('Sent again: accepted.')`);
    expect(sandbox.stats()).toMatchObject({ tokensIssued: 2, unauthorized: 1 });
    expect(browser.problems).toEqual([]);
  });
});
