import type { ServerResponse } from 'node:http';
import type { PageRecord } from './page-record.js';
import type { PageContent } from './page-server.js';

/** Ten times a second is live; a message for each record would keep the page busy. */
const BATCH_MS = 100;

/** So that reading a message takes the browser a few milliseconds. */
const BATCH_SIZE = 200;

/** A browser that has stopped reading is sent away; it comes back by itself. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/** Server-sent events: the beginning, all records so far, then each as it comes, in batches. */
export function stream(outgoing: ServerResponse, { history, beginning }: PageContent): void {
  outgoing.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  let waiting: PageRecord[] = [];
  let figures = '';
  const send = (event: string, data: string) => outgoing.write(`event: ${event}\ndata: ${data}\n\n`);
  const flush = () => {
    if (outgoing.writableLength > MAX_UNREAD_BYTES) {
      outgoing.destroy();
      return;
    }
    const records = waiting;
    waiting = [];
    for (let from = 0; from < records.length; from += BATCH_SIZE)
      send('records', JSON.stringify(records.slice(from, from + BATCH_SIZE)));
    const now = JSON.stringify(history.figures);
    if (now !== figures) send('figures', now);
    figures = now;
  };
  send('begin', JSON.stringify(beginning()));
  waiting.push(...history.records);
  flush();
  send('complete', String(Date.now()));
  const end = history.subscribe((record) => waiting.push(record));
  const timer = setInterval(flush, BATCH_MS).unref();
  outgoing.once('close', () => {
    clearInterval(timer);
    end();
  });
}
