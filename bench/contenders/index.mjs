import { authRefreshBest, authRefreshDefaults } from './axios-auth-refresh.mjs';
import { axiosBare, axiosStatic, axiosStaticWithId } from './axios-bare.mjs';
import { tokenInterceptor } from './axios-token-interceptor.mjs';
import { azure, azureBare } from './azure.mjs';
import { badgateway } from './badgateway.mjs';
import { before } from './before.mjs';
import { camunda } from './camunda.mjs';
import { fetchBare, fetchByHand, fetchStaticWithId } from './fetch-bare.mjs';
import { gaxiosBare, googleAuth } from './google-auth-library.mjs';
import { kyBare, kyByHand, kyStaticWithId } from './ky-bare.mjs';
import { kyRecipe } from './ky-recipe.mjs';
import { openidNaive } from './openid-client.mjs';
import { oursAxios } from './ours-axios.mjs';
import { oursFetch } from './ours-fetch.mjs';
import { oursKy } from './ours-ky.mjs';
import { undiciBare, undiciOidc } from './undici.mjs';

/** In the order of the tables: by client, then from the least to the most functionality. */
export const contenders = [
  axiosBare,
  axiosStatic,
  axiosStaticWithId,
  oursAxios,
  authRefreshDefaults,
  authRefreshBest,
  tokenInterceptor,
  fetchBare,
  fetchByHand,
  fetchStaticWithId,
  oursFetch,
  badgateway,
  openidNaive,
  camunda,
  kyBare,
  kyByHand,
  kyStaticWithId,
  oursKy,
  kyRecipe,
  gaxiosBare,
  googleAuth,
  azureBare,
  azure,
  undiciBare,
  undiciOidc,
  ...before,
];
