import { type HostResponse, json, tppError } from './response.js';

/**
 * The shape of a 401 for a rejected token. The platform uses all four.
 *
 * - `'tpp'`: `{"tppMessages":[{"category","code","text"}]}`
 * - `'array'`: the array of such messages alone
 * - `'problem'`: `application/problem+json` with `code`
 * - `'challenge'`: no body, only `WWW-Authenticate: Bearer error="invalid_token", ...`
 */
export type UnauthorizedShape = 'tpp' | 'problem' | 'array' | 'challenge';

const SHAPES: readonly UnauthorizedShape[] = ['tpp', 'problem', 'array', 'challenge'];

/**
 * Checks a shape that was given as `option`.
 *
 * @throws TypeError when it is not one of the four
 */
export function assertShape(option: string, shape: UnauthorizedShape): void {
  if (!SHAPES.includes(shape))
    throw new TypeError(`"${option}" must be one of ${SHAPES.join(', ')}, got ${String(shape)}`);
}

const TEXTS = new Map([
  ['TOKEN_EXPIRED', 'The access token has expired'],
  ['TOKEN_UNKNOWN', 'Unknown token'],
  ['TOKEN_INVALID', 'The access token was revoked'],
  ['CONSENT_EXPIRED', 'The consent has expired'],
  ['CONSENT_INVALID', 'The consent is not valid'],
  ['PSU_CREDENTIALS_INVALID', 'Unauthorized, request not successful. Statement requires SCA'],
]);

export function unauthorized(code: string, shape: UnauthorizedShape): HostResponse {
  const text = TEXTS.get(code) ?? code;
  switch (shape) {
    case 'tpp':
      return tppError(401, code, text);
    case 'array':
      return json(401, [{ category: 'ERROR', code, text }], undefined, code);
    case 'problem':
      return json(401, problem(code, text), { 'Content-Type': 'application/problem+json' }, code);
    case 'challenge':
      return challenge(`Bearer error="invalid_token", error_description="${challengeText(code, text)}"`, code);
  }
}

/** The response to a request without a token. */
export const MISSING_TOKEN = challenge('Bearer', 'no bearer token');

/** The response to a path outside `/psd2/<service>/v1`, whatever the token. */
export const WRONG_PATH = challenge(
  `Bearer error="invalid_token", error_description="The issuer '(null)' is invalid"`,
  'the path does not begin with /psd2/<service>/v1',
);

function challenge(value: string, note: string): HostResponse {
  return { status: 401, headers: { 'WWW-Authenticate': value }, note };
}

function problem(code: string, text: string) {
  const words = code.toLowerCase().split('_');
  const title = words.join(' ');
  return {
    type: `https://sandbox.invalid/problems/${words.join('-')}`,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    detail: code.startsWith('TOKEN_') ? 'Get a new token' : text,
    code,
  };
}

// The wording of ASP.NET Core, which produces the platform's own challenges.
function challengeText(code: string, text: string): string {
  if (code === 'TOKEN_UNKNOWN') return 'The signature key was not found';
  if (code !== 'TOKEN_EXPIRED') return text;
  const [date = '', time = ''] = new Date().toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `The token expired at '${month}/${day}/${year} ${time.slice(0, 8)}'`;
}
