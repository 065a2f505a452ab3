import { type HostResponse, json, tppError } from './response.js';

// The invented banks behind the API host: their responses, in the shapes that the platform documents.

const CONSENT_ID = '11111111-1111-4111-8111-111111111111';
const PAYMENT_ID = '33333333-3333-4333-8333-333333333333';

const BANKS = [
  {
    bicFi: 'TESTSESS',
    name: 'Testbanken AB',
    logoUrl: 'https://logos.sandbox.invalid/TESTSESS.png',
    city: 'Stockholm',
    country: 'Sweden',
    postalCode: '111 11',
    streetAddress: 'Provgatan 1',
    companyNumber: '556000-0000',
    phone: '+46-8-000 00 00',
    websiteUrl: 'https://bank.sandbox.invalid',
    globalPaymentProducts: ['domestic', 'swedish-giro'],
    supportedAuthorizationMethods: [
      { name: 'OAuth2', uri: 'https://auth.sandbox.invalid/.well-known/openid-configuration' },
      { name: 'Decoupled', uri: '' },
    ],
    affiliatedAspsps: [],
  },
  {
    bicFi: 'EXMPSESS',
    name: 'Exempelbanken',
    logoUrl: 'https://logos.sandbox.invalid/EXMPSESS.png',
    city: 'Malmö',
    country: 'Sweden',
    postalCode: '211 11',
    streetAddress: 'Exempelgatan 2',
    companyNumber: '556000-0001',
    phone: '+46-40-000 00 00',
    websiteUrl: 'https://example-bank.sandbox.invalid',
    globalPaymentProducts: ['domestic'],
    supportedAuthorizationMethods: [{ name: 'Decoupled', uri: '' }],
    affiliatedAspsps: [],
  },
];

const ACCOUNT = {
  resourceId: '22222222-2222-4222-8222-222222222222',
  iban: 'SE0000000000000000000001',
  bban: '00000000001',
  currency: 'SEK',
  name: 'Driftkonto',
  usage: 'ORGA',
  bic: 'TESTSESS',
  balances: [
    {
      balanceType: 'interimAvailable',
      creditLimitIncluded: false,
      balanceAmount: { currency: 'SEK', amount: '1234.50' },
    },
  ],
};

export function bankList(): HostResponse {
  return json(200, { aspsps: BANKS.map(({ bicFi, name, logoUrl }) => ({ bicFi, name, logoUrl })) });
}

export function bankDetails(bicFi: string): HostResponse {
  const bank = BANKS.find((candidate) => candidate.bicFi === bicFi);
  return bank ? json(200, bank) : tppError(404, 'RESOURCE_UNKNOWN', 'There is no bank with this BIC');
}

export function consentCreated(): HostResponse {
  const headers = { 'ASPSP-SCA-Approach': 'DECOUPLED', Location: consentUrl(CONSENT_ID) };
  return json(201, consent(CONSENT_ID), headers);
}

export function consentDetails(id: string): HostResponse {
  return json(200, consent(id));
}

export function accountList(consentHeader: string | undefined): HostResponse {
  if (!consentHeader) return tppError(400, 'FORMAT_ERROR', 'The header Consent-ID is missing');
  return json(200, { accounts: [ACCOUNT] });
}

// The warning is deliberate: a client must not mistake a tppMessages entry in a 2xx response for a failure.
export function paymentCreated(product: string): HostResponse {
  return json(201, {
    transactionStatus: 'RCVD',
    paymentId: PAYMENT_ID,
    tppMessages: [{ category: 'WARNING', code: 'CREDITOR_ACCOUNT_FLAGGED', text: 'Creditor is on a watch list' }],
    _links: { self: { href: `/psd2/paymentinitiation/v1/payments/${product}/${PAYMENT_ID}` } },
  });
}

function consent(id: string) {
  const self = consentUrl(id);
  return {
    consentStatus: 'received',
    consentId: id,
    scaMethods: [{ authenticationType: 'PUSH_OTP', authenticationMethodId: 'mbid' }],
    _links: {
      self: { href: self },
      status: { href: `${self}/status` },
      startAuthorisation: { href: `${self}/authorisations` },
    },
  };
}

function consentUrl(id: string): string {
  return `/psd2/consent/v1/consents/${id}`;
}
