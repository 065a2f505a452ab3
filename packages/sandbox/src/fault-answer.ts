import { type Answer, json } from './answer.js';
import type { AnsweringFault, StatusFault } from './fault.js';
import { missingToken, type UnauthorizedShape, unauthorized } from './unauthorized.js';

const htmlPage = `<!doctype html>
<html><head><title>Something went wrong</title></head>
<body><h1>Something went wrong</h1><p>The gateway got no answer from the server behind it.</p></body></html>
`;

/** What is answered under this fault. */
export function faultAnswer(fault: AnsweringFault, shape: UnauthorizedShape): Answer {
  return { ...answerOf(fault, shape), note: `fault: ${fault.kind}` };
}

function answerOf(fault: AnsweringFault, shape: UnauthorizedShape): Answer {
  switch (fault.kind) {
    case 'status':
      return statusAnswer(fault);
    case 'html':
      return { status: fault.status ?? 502, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: htmlPage };
    case 'empty':
      return { status: fault.status ?? 200 };
    case 'body':
      return {
        status: fault.status ?? 200,
        headers: { 'Content-Type': fault.contentType ?? 'application/json' },
        body: fault.body,
      };
    case 'unauthorized':
      return fault.code === undefined ? missingToken : unauthorized(fault.code, fault.shape ?? shape);
    case 'redirect':
      return { status: fault.status ?? 302, headers: { Location: fault.location } };
    case 'wrong-secret':
      return json(
        fault.status ?? 400,
        { error: 'invalid_client' },
        fault.status === 401 ? { 'WWW-Authenticate': 'Basic realm="sandbox"' } : undefined,
      );
  }
}

function statusAnswer({ status, headers, body }: StatusFault): Answer {
  if (typeof body === 'object' && !isBytes(body)) return json(status, body, headers);
  return { status, headers, body };
}

// Not instanceof: a test runner may have its own Uint8Array, of which a Buffer is none.
function isBytes(body: object): body is Uint8Array {
  return ArrayBuffer.isView(body);
}
