import {
  type AddedHeaders,
  type BearerAuth,
  type ClientAdapter,
  ownAuthorization,
} from '@open-banking-auth/core/client';
import { type AxiosResponse, isAxiosError } from 'axios';
import type { AxiosCall } from '../call/axios-call.js';
import { isRelative } from '../call/request-url.js';
import { nameWholeTimeout } from '../call/time-limit.js';
import { waitForToken } from '../call/wait-for-token.js';
import { conceal, concealAll } from '../inspection/conceal.js';
import { useHidingAgents } from '../inspection/hiding-agent.js';
import { asksForForm, readForm } from '../response/form-response.js';
import { discardResponse, peekBody } from '../response/response-body.js';
import { whenBodyFails, whenStreamFails } from '../response/stream-errors.js';
import { ThrownResponse } from '../response/thrown-response.js';
import type { InnerAdapter } from './inner-adapter.js';
import { fetchFence, redirectFence } from './redirect-fence.js';

type Response = AxiosResponse | ThrownResponse;

/** Reads and sends requests at the level of an axios adapter, where `config` is final and bodies are serialised. */
export function clientAdapter(bearerAuth: BearerAuth, inner: InnerAdapter): ClientAdapter<AxiosCall, Response> {
  const fence = redirectFence(bearerAuth, undefined);
  const fenceFetch = fetchFence(bearerAuth);

  /** What the token needs on its way, once for all sends of a request. */
  function secure(call: AxiosCall, added: AddedHeaders): void {
    const { sent } = call;
    call.isSecured = true;
    call.hold();
    sent.beforeRedirect = sent.beforeRedirect ? redirectFence(bearerAuth, sent.beforeRedirect) : fence;
    useHidingAgents(sent);
    call.isUnseen = inner.isHttp(sent);
    if (call.isUnseen) call.let401Through();
    whenBodyFails(sent.data, (error) => concealAll(error, call, added));
    if (!inner.isFetch(sent)) return;
    if (inner.isNamed) fenceFetch(sent);
    if (!asksForForm(sent)) return;
    call.asksForForm = true;
    sent.responseType = 'arraybuffer';
  }

  return {
    url: ({ url }) => url,
    // Another token source on the same instance may serve that base, and says so if it does not.
    isRelative: ({ sent, urlParts }) => Boolean(sent.baseURL) && isRelative(urlParts) && inner.other === undefined,
    options: ({ sent }) => sent.openBanking,
    hasAuthorization: ({ sent: { auth, headers } }) =>
      Boolean(auth) || (headers.has('Authorization') && ownAuthorization(headers.get('Authorization'))),
    hasRequestId: ({ sent }) => sent.headers.has('X-Request-ID'),
    isRepeatable: (call) => call.isRepeatable,
    wait: (call, task) => waitForToken(call, inner.isFetch(call.sent), task),

    async send(call, added) {
      const { authorization, requestId } = added;
      call.isSent = true;
      if (authorization === undefined && requestId === undefined) {
        return inner.other ? inner.other(call.config) : inner.send(call.config);
      }
      const sent = call.prepare(added);
      if (authorization !== undefined && !call.isSecured) secure(call, added);
      try {
        const response = await inner.send(sent);
        conceal(response, call, added);
        whenStreamFails(response, (error) => concealAll(error, call, added));
        if (response.status === 401) return call.rejects401() ? new ThrownResponse(response) : response;
        if (call.asksForForm) await readForm(response, call.config);
        return response;
      } catch (error) {
        concealAll(error, call, added);
        if (!isAxiosError(error)) throw error;
        nameWholeTimeout(error, call);
        const { response } = error;
        if (!response) throw error;
        whenStreamFails(response, (failure) => concealAll(failure, call, added));
        if (response.status === 401) return new ThrownResponse(response, error);
        if (call.asksForForm) await readForm(response, call.config);
        throw error;
      } finally {
        call.finish(added);
      }
    },

    status: (response) => (response instanceof ThrownResponse ? 401 : response.status),
    finalUrl: (response) => finalUrl(axiosResponseOf(response).request),
    challenge: (response) => challenge(axiosResponseOf(response).headers),
    peekBody: (response, signal) => peekBody(axiosResponseOf(response), signal),
    discard: (response) => void discardResponse(axiosResponseOf(response)),
  };
}

function axiosResponseOf(response: Response): AxiosResponse {
  return response instanceof ThrownResponse ? response.response : response;
}

/** After redirects; the http adapter's transport notes it on the message, the fetch adapter does not say. */
function finalUrl(request: unknown): string | undefined {
  const message = member(request, 'res');
  const url = member(message, 'responseUrl');
  return typeof url === 'string' ? url : undefined;
}

function challenge(headers: AxiosResponse['headers']): string | undefined {
  const value: unknown = member(headers, 'www-authenticate');
  return Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
