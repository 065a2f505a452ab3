/** All that cannot be the same with a token as without, and why. docs/compatibility.md shows this list; a test compares the two. */
export const EXEMPTIONS = {
  'the 401 of a stream':
    'A stream is sent once and not copied, so its 401 is final: you get the 401, and the next request has a new token',
  'a 401 that the client refuses':
    'With `integrity`, or a `maxContentLength` that it exceeds, a 401 is an error of the client, so nobody sees it and no new token is requested',
  'a 401 whose body stalls': 'Its body says whether a new token helps, so it is waited for, up to 1 s',
  'a compressed 401 with `decompress: false` in axios':
    'Its body cannot be read, so a new token is tried, whatever the reason is',
  'the stream of a 401 in axios': 'Its start has been read, so it is a Readable with the same content',
  'request of an axios response or error':
    'It holds the token, so it does not print and is not enumerable. Reading it works as before',
  'adapter of an axios config':
    'It is a function that wraps the adapter you chose, since that is where the token is added',
  'an axios error from the wait for the token':
    'Nothing has been sent, so it has no `request`, and its `config` has none of the headers that the adapter adds',
  'which of two failures is reported':
    'While the token is fetched, an abort, a timeout or a failing stream is noticed before wrong options are',
  'duration of an axios response': 'It includes the wait for the token, and a second send',
} as const;

export type Exemption = keyof typeof EXEMPTIONS;
