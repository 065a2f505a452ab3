import axios from 'axios';

/** For what older versions of axios lack: `env.fetch` before 1.12.0, tunnels through a proxy before 1.16.1. */
export function axiosIsAtLeast(...wanted: readonly [number, number, number]): boolean {
  const parts = axios.VERSION.split('.').map(Number);
  const differing = wanted.findIndex((part, index) => part !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (wanted[differing] ?? 0);
}
