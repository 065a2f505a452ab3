// Runs the bundled worker in workerd, through miniflare.
import { Miniflare } from 'miniflare';

const [, , control, scriptPath] = process.argv;
const miniflare = new Miniflare({
  modules: true,
  scriptPath,
  compatibilityDate: '2026-01-01',
  compatibilityFlags: ['nodejs_compat'],
});
try {
  const response = await miniflare.dispatchFetch(`http://worker.example/?control=${encodeURIComponent(control)}`);
  console.log(await response.text());
} finally {
  await miniflare.dispose();
}
