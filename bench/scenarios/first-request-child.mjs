// A program that makes one request. Prints what it took since the process started, as JSON.

const { file, name, address, url } = JSON.parse(process.argv[2]);
const contender = (await import(`../contenders/${file}`))[name];
let given;
if (contender.token === 'given') {
  const { requestToken } = await import('../contenders/token-request.mjs');
  given = (await requestToken(address)).token;
}
const calls = await contender.open({ address, stub: false, token: given });
const status = await calls.get(url);
const ms = performance.now();
if (status !== 200) throw new Error(`The status is ${status}`);
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ ms, cpuMs: (user + system) / 1_000 }));
process.exit();
