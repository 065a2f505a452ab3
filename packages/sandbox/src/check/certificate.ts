import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { isOpenBankingAuthError } from '@open-banking-auth/core';
import { type ClientCertificate, clientCertificate } from '@open-banking-auth/core/node';
import { CheckFailure } from './failure.js';
import type { Variables } from './io.js';

/** A variable for each input: paths of files, and a passphrase. */
const VARIABLES = {
  pfx: 'OPEN_BANKING_PFX',
  passphrase: 'OPEN_BANKING_PFX_PASSPHRASE',
  cert: 'OPEN_BANKING_CERT',
  key: 'OPEN_BANKING_KEY',
} as const;

/**
 * The client certificate that the environment names; undefined if it names none.
 *
 * @throws CheckFailure when a file cannot be read, and when certificate, key and passphrase do not fit
 */
export function certificateFrom(variables: Variables): ClientCertificate | undefined {
  const { pfx, cert, key } = VARIABLES;
  const given = (name: string) => variables[name] || undefined;
  if (given(pfx) && (given(cert) || given(key)))
    throw new CheckFailure(`Both ${pfx} and ${cert} or ${key} are set`, ['Set either the pfx, or certificate and key']);
  if (!given(pfx) && Boolean(given(cert)) !== Boolean(given(key)))
    throw new CheckFailure(`${given(cert) ? key : cert} is not set`, [
      `Set both ${cert} and ${key}, to paths of files`,
    ]);
  const read = (name: string) => readFile(name, given(name) ?? '');
  try {
    if (given(pfx)) return clientCertificate({ pfx: read(pfx), passphrase: given(VARIABLES.passphrase) });
    return given(cert) ? clientCertificate({ cert: read(cert), key: read(key) }) : undefined;
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    throw new CheckFailure(withVariables(error.problem), [withVariables(error.hint)]);
  }
}

function readFile(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The path is not quoted: somebody may have put the content there.
    throw new CheckFailure(`The file that ${variable} names cannot be read (${code})`, [
      'It must be the path of a file',
    ]);
  }
}

function withVariables(words: string): string {
  return words.replaceAll(/"(pfx|passphrase|cert|key)"/g, (_, name: keyof typeof VARIABLES) => VARIABLES[name]);
}

/**
 * A `fetch` with a client certificate, as far as the check needs one: without a body, without redirects. The certificate's
 * own `fetch` needs undici, which is not installed where the check runs.
 */
export function fetchWith({ agent }: ClientCertificate): typeof fetch {
  return (input, init) => {
    const { url, method, headers, signal } = new Request(input, init);
    return new Promise((resolve, reject) => {
      const options = { agent, method, headers: Object.fromEntries(headers), signal };
      const sent = httpsRequest(url, options, (incoming) => {
        const { statusCode: status = 0, headersDistinct } = incoming;
        const pairs = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        );
        const body = status === 204 || status === 304 ? null : Readable.toWeb(incoming);
        // The types of streams in Node and in fetch differ, the streams do not.
        resolve(new Response(body as ReadableStream<Uint8Array> | null, { status, headers: pairs }));
      });
      sent.once('error', reject).end();
    });
  };
}
