// The CommonJS half of the packages, as loaded by an application that calls require().
const { openBankingAuth } = require('@open-banking-auth/axios');
const { installAuthRefresh } = require('@open-banking-auth/axios/auth-refresh');
const { openBankingFetch } = require('@open-banking-auth/core');
const { bearerAuthOf } = require('@open-banking-auth/core/client');

async function main() {
  for (const entry of [openBankingAuth, installAuthRefresh, bearerAuthOf]) {
    if (typeof entry !== 'function') throw new Error('An export is missing');
  }
  const { config, banks } = await (await fetch(`${process.argv[2]}/config`)).json();
  const { status } = await openBankingFetch(config)(banks);
  console.log(JSON.stringify({ 'require()': status === 200 ? 'ok' : `status ${status}` }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
