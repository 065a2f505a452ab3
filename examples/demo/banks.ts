import type { Clients } from './clients.ts';

interface BankList {
  readonly aspsps: readonly { readonly name: string }[];
}

/** Fetches the names of the banks through one of the clients. */
type ReadBanks = (signal?: AbortSignal) => Promise<string[]>;

export type BankReaders = Readonly<Record<keyof Clients, ReadBanks>>;

const path = '/psd2/aspspinformation/v1/aspsps';

/** The same request, written for each client. */
export function bankReaders(clients: Clients, apiUrl: string): BankReaders {
  return {
    async axios(signal) {
      const response = await clients.axios.get<BankList>(path, signal && { signal });
      return namesOf(response.data);
    },
    async ky(signal) {
      return namesOf(await clients.ky.get(path, signal && { signal }).json<BankList>());
    },
    async fetch(signal) {
      const response = await clients.fetch(apiUrl + path, signal && { signal });
      if (!response.ok) throw new Error(`The bank list request failed with HTTP ${response.status}`);
      return namesOf((await response.json()) as BankList);
    },
  };
}

function namesOf({ aspsps }: BankList): string[] {
  return aspsps.map(({ name }) => name);
}
