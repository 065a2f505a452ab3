import { openBankingAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import type { OpenBankingAuthConfig, TokenSource } from '@open-banking-auth/core';
import { type AxiosInstance, isAxiosError } from 'axios';

type Install = (api: AxiosInstance, source: TokenSource | OpenBankingAuthConfig) => void;

/** The two ways in which an axios instance gets its tokens. */
export const ways: readonly (readonly [string, Install])[] = [
  ['openBankingAuth', (api, source) => void api.interceptors.request.use(openBankingAuth(source))],
  ['installAuthRefresh', (api, source) => void installAuthRefresh(api, source)],
];

/** Another package's `install` and ours, in both orders. */
export const orders = ways.flatMap(
  ([name, ours]) =>
    [
      [`${name} first`, ours, 'before'],
      [`${name} last`, ours, 'after'],
    ] as const,
);

export function installBoth(order: 'before' | 'after', ours: () => void, theirs: () => void): void {
  if (order === 'before') ours();
  theirs();
  if (order === 'after') ours();
}

export function statusOf(error: unknown): number | undefined {
  if (isAxiosError(error)) return error.response?.status;
  throw error;
}
