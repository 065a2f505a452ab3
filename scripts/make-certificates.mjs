// Makes the certificates of the sandbox and of the tests: `npm run certificates`, which needs OpenSSL 3 with its legacy
// provider. They are invented and public, and their private keys are in the sources for everyone to read. The authority's
// key is thrown away, and its certificate is valid for loopback names only.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './workspace.cjs';

const passphrase = 'invented for the local sandbox';
const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
const file = (name) => join(folder, name);
const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });

/** Signs with `openssl ca`, because it is the only command of OpenSSL 3.0 that accepts dates. */
function makeCertificate(name, authority, subject, extensions) {
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${subject}`, '-out', `${name}.csr`);
  const settings = [
    '[ca]',
    'default_ca=it',
    '[it]',
    'database=index',
    'default_md=sha256',
    'policy=any',
    'rand_serial=yes',
  ];
  const rules = ['x509_extensions=extensions', 'unique_subject=no', '[any]', 'commonName=supplied', '[extensions]'];
  writeFileSync(file('ca.cnf'), [...settings, ...rules, ...extensions, ''].join('\n'));
  writeFileSync(file('index'), '');
  const signer = name === authority ? ['-selfsign'] : ['-cert', `${authority}.pem`];
  openssl(
    ...['ca', '-batch', '-notext', '-config', 'ca.cnf', '-outdir', '.', '-keyfile', `${authority}.key`, ...signer],
    ...['-startdate', '20200101000000Z', '-enddate', '21260101000000Z', '-in', `${name}.csr`, '-out', `${name}.pem`],
  );
}

function makeAuthority(name, subject) {
  const loopback = 'permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
  makeCertificate(name, name, subject, [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign,cRLSign',
    `nameConstraints=critical,${loopback},permitted;DNS:localhost`,
  ]);
}

function makePfx(name, ...args) {
  openssl('pkcs12', '-export', '-out', name, '-passout', `pass:${passphrase}`, ...args);
}

const end = 'basicConstraints=critical,CA:FALSE';
const client = [end, 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=clientAuth'];
makeAuthority('ca', 'Open Banking Sandbox CA (invented)');
makeCertificate('server', 'ca', 'Open Banking Sandbox server (invented)', [
  end,
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=serverAuth',
  'subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost',
]);
makeCertificate('client', 'ca', 'Open Banking Sandbox client (invented)', client);
makePfx('client.pfx', '-in', 'client.pem', '-inkey', 'client.key');

makeAuthority('foreign-ca', 'Foreign CA (invented)');
makeCertificate('foreign', 'foreign-ca', 'Foreign client (invented)', client);
openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'rsa.key');
openssl('pkey', '-in', 'client.key', '-aes256', '-passout', `pass:${passphrase}`, '-out', 'encrypted.key');
openssl('x509', '-in', 'client.pem', '-outform', 'der', '-out', 'client.der');
makePfx('legacy.pfx', '-legacy', '-in', 'client.pem', '-inkey', 'client.key');
makePfx('keyless.pfx', '-nokeys', '-in', 'client.pem');
makePfx('bare.pfx', '-nocerts', '-inkey', 'client.key');

const pem = (name) => `\`${readFileSync(file(name), 'utf8').trim()}\n\``;
const bytes = (name) => {
  const lines = readFileSync(file(name))
    .toString('base64')
    .match(/.{1,64}/g);
  return `Buffer.from(\`\n${lines.join('\n')}\n\`, 'base64')`;
};
const constants = (entries) =>
  Object.entries(entries)
    .map(([name, value]) => `export const ${name} = ${value};\n`)
    .join('\n');
const origin = (what) => `// Made by scripts/make-certificates.mjs. Invented and public: ${what}\n\n`;

writeFileSync(
  `${root}/packages/sandbox/src/certificate/certificates.ts`,
  origin('nothing outside this machine trusts them.') +
    constants({
      ca: pem('ca.pem'),
      serverCert: pem('server.pem'),
      serverKey: pem('server.key'),
      clientCert: pem('client.pem'),
      clientKey: pem('client.key'),
      clientPassphrase: `'${passphrase}'`,
      clientPfx: bytes('client.pfx'),
    }),
);
writeFileSync(
  `${root}/packages/test-kit/src/certificates.ts`,
  origin("the sandbox's client certificate in forms that go wrong, and one of another authority.") +
    constants({
      encryptedKey: pem('encrypted.key'),
      derCert: bytes('client.der'),
      legacyPfx: bytes('legacy.pfx'),
      keylessPfx: bytes('keyless.pfx'),
      barePfx: bytes('bare.pfx'),
      foreignCert: pem('foreign.pem'),
      foreignKey: pem('foreign.key'),
      rsaKey: pem('rsa.key'),
    }),
);
rmSync(folder, { recursive: true });
