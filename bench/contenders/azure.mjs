import { globalAgent } from 'node:http';
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { stubHttpClient } from '../stub.mjs';
import { requestToken } from './token-request.mjs';

/** The policy refuses to send a token over plain http, so it sees https URLs, and the end of the pipeline uses http. */
function overPlainHttp(client) {
  return {
    sendRequest(request) {
      request.url = request.url.replace('https://127.0.0.1', 'http://127.0.0.1');
      return client.sendRequest(request);
    },
  };
}

function pipelineCalls(pipeline, stub) {
  const client = stub ? stubHttpClient(createHttpHeaders) : overPlainHttp(createDefaultHttpClient());
  const send = (options) =>
    pipeline.sendRequest(
      client,
      createPipelineRequest({ ...options, url: options.url.replace('http:', 'https:'), allowInsecureConnection: true }),
    );
  return {
    get: async (url) => (await send({ url })).status,
    upload: async (url, body) => (await send({ url, method: 'POST', body })).status,
    download: async (url) => {
      const { status, readableStreamBody } = await send({ url, streamResponseStatusCodes: new Set([200]) });
      for await (const _ of readableStreamBody);
      return status;
    },
  };
}

const pipelineOfAzure = () => createPipelineFromOptions({ agent: globalAgent });

export const azureBare = {
  name: '@azure/core-rest-pipeline, bare',
  client: 'azure',
  part: 'bare',
  token: 'none',
  open: async ({ stub }) => pipelineCalls(pipelineOfAzure(), stub),
};

/**
 * README of @azure/core-rest-pipeline, "Pipelines", with its own bearerTokenAuthenticationPolicy. By default that only
 * handles 401s with Entra's claims; with a challenge callback that requests a token by `claims` it renews, once for all.
 */
export const azure = {
  name: '@azure/core-rest-pipeline',
  client: 'azure',
  part: 'peer',
  token: 'own',
  note: 'With a challenge callback by the application; without one, 401s are ignored.',
  async open({ address, stub }) {
    const pipeline = pipelineOfAzure();
    const credential = {
      async getToken() {
        const { token, expiresAt } = await requestToken(address);
        return { token, expiresOnTimestamp: expiresAt };
      },
    };
    pipeline.addPolicy(
      bearerTokenAuthenticationPolicy({
        credential,
        scopes: address.scope,
        challengeCallbacks: {
          async authorizeRequestOnChallenge({ scopes, request, getAccessToken }) {
            const fresh = await getAccessToken(scopes, { claims: '{}' });
            request.headers.set('Authorization', `Bearer ${fresh.token}`);
            return true;
          },
        },
      }),
    );
    return pipelineCalls(pipeline, stub);
  },
};
