import { RecordedRequests } from '../src/records/recorded-requests.js';

// Called directly: ten thousand requests through a socket would take seconds and prove no more.
function record(count: number, body: Buffer) {
  const recorded = new RecordedRequests();
  for (let n = 1; n <= count; n += 1) recorded.add({ host: 'api', method: 'POST', path: `/${n}`, headers: {}, body });
  return recorded;
}

test('the latest 10,000 requests are kept', () => {
  const { list } = record(10_020, Buffer.alloc(0));
  expect(list).toHaveLength(10_000);
  expect([list.at(0)?.path, list.at(-1)?.path]).toStrictEqual(['/21', '/10020']);
});

test('fewer are kept if their bodies exceed 256 MiB in total, and clearing the list resets the total', () => {
  const body = Buffer.alloc(16 * 1024 * 1024);
  const recorded = record(20, body);
  expect(recorded.list.map(({ path }) => path).slice(0, 2)).toStrictEqual(['/5', '/6']);
  expect(recorded.list).toHaveLength(16);
  recorded.clear();
  for (let n = 1; n <= 17; n += 1) recorded.add({ host: 'api', method: 'POST', path: `/${n}`, headers: {}, body });
  expect(recorded.list).toHaveLength(16);
});
