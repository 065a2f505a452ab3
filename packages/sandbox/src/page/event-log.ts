import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { EventRecords } from './event-records.js';
import type { History } from './history.js';

const POLL_MS = 250;
const CHUNK_BYTES = 256 * 1024;

/** No event is longer. */
const LONGEST_LINE = 64 * 1024;

/** A file of events that may still be growing. */
export class EventLog {
  readonly #path: string;
  readonly #history: History;
  #records = new EventRecords();
  #decoder = new StringDecoder('utf8');
  #offset = 0;
  /** The last line, as long as it has no end. */
  #unfinished = '';
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(path: string, history: History) {
    this.#path = path;
    this.#history = history;
  }

  /**
   * Reads the whole file, and follows it from then on.
   *
   * @throws Error when the file cannot be read
   */
  static async open(path: string, history: History): Promise<EventLog> {
    const log = new EventLog(path, history);
    await log.#read();
    log.#schedule();
    return log;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(async () => {
      // While a log is rotated there may be no file for a moment.
      await this.#read().catch(() => {});
      this.#schedule();
    }, POLL_MS);
  }

  async #read(): Promise<void> {
    const file = await open(this.#path);
    try {
      const { size } = await file.stat();
      if (size < this.#offset) this.#restart();
      if (size > this.#offset) await this.#readFrom(file);
    } finally {
      await file.close();
    }
  }

  async #readFrom(file: FileHandle): Promise<void> {
    if (this.#unfinished !== '') this.#history.passOver('torn', -1);
    const buffer = Buffer.alloc(CHUNK_BYTES);
    while (!this.#closed) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, this.#offset);
      if (bytesRead === 0) break;
      this.#offset += bytesRead;
      const lines = (this.#unfinished + this.#decoder.write(buffer.subarray(0, bytesRead))).split('\n');
      this.#unfinished = (lines.pop() ?? '').slice(0, LONGEST_LINE);
      for (const line of lines) this.#take(line);
    }
    // Counted as torn until its rest comes.
    if (this.#unfinished !== '') this.#history.passOver('torn', 1);
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    const records = this.#records.read(line);
    if (typeof records === 'string') this.#history.passOver(records, 1);
    else for (const record of records) this.#history.add(record);
  }

  /** The file has been emptied, or replaced by a new one. */
  #restart(): void {
    if (this.#unfinished !== '') this.#unfinished = '';
    this.#decoder = new StringDecoder('utf8');
    this.#offset = 0;
  }
}
