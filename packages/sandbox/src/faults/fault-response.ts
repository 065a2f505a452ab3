import { type HostResponse, json } from '../hosts/response.js';
import { MISSING_TOKEN, type UnauthorizedShape, unauthorized } from '../hosts/unauthorized.js';
import type { ResponseFault, StatusFault } from './fault.js';

const HTML_PAGE = `<!doctype html>
<html><head><title>Something went wrong</title></head>
<body><h1>Something went wrong</h1><p>The gateway got no response from the server behind it.</p></body></html>
`;

export function faultResponse(fault: ResponseFault, shape: UnauthorizedShape): HostResponse {
  return { ...responseOf(fault, shape), note: `fault: ${fault.kind}` };
}

function responseOf(fault: ResponseFault, shape: UnauthorizedShape): HostResponse {
  switch (fault.kind) {
    case 'status':
      return statusResponse(fault);
    case 'html':
      return { status: fault.status ?? 502, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: HTML_PAGE };
    case 'empty':
      return { status: fault.status ?? 200 };
    case 'body':
      return {
        status: fault.status ?? 200,
        headers: { 'Content-Type': fault.contentType ?? 'application/json' },
        body: fault.body,
      };
    case 'unauthorized':
      return fault.code === undefined ? MISSING_TOKEN : unauthorized(fault.code, fault.shape ?? shape);
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

function statusResponse({ status, headers, body }: StatusFault): HostResponse {
  if (typeof body === 'object' && !isBytes(body)) return json(status, body, headers);
  return { status, headers, body };
}

// Not instanceof, which fails under Jest: each test realm has its own Uint8Array, and Buffer does not extend it.
function isBytes(body: object): body is Uint8Array {
  return ArrayBuffer.isView(body);
}
