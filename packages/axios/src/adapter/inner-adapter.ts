import axios, { type AxiosAdapter, type AxiosPromise, getAdapter, type InternalAxiosRequestConfig } from 'axios';

/** As it stands in a config: a name, a function, a list of them, or nothing. */
export type Adapter = InternalAxiosRequestConfig['adapter'] | null;

/** What is below one token source: the request's own adapter, and another source on the same instance, if there is one. */
export class InnerAdapter {
  readonly #adapter: Adapter;
  /** The other source, which has the next say on requests that this one does not serve. */
  readonly other: AxiosAdapter | undefined;

  constructor(adapter: Adapter, other: AxiosAdapter | undefined) {
    this.#adapter = adapter;
    this.other = other;
  }

  /** Whether axios looks it up for each config. A function has its `fetch` already. */
  get isNamed(): boolean {
    return typeof (this.#adapter || axios.defaults.adapter) !== 'function';
  }

  send(config: InternalAxiosRequestConfig): AxiosPromise {
    return this.#resolve(config)(config);
  }

  /** Puts the adapter back on a config. */
  restore(config: InternalAxiosRequestConfig): void {
    if (this.#adapter === undefined) delete config.adapter;
    else Reflect.set(config, 'adapter', this.#adapter);
  }

  /** Whether it is axios' fetch adapter, which reads and reports some things unlike the http adapter. */
  isFetch(config: InternalAxiosRequestConfig): boolean {
    try {
      return this.#resolve(config) === getAdapter('fetch', config);
    } catch {
      // There is no such adapter. Sending says so.
      return false;
    }
  }

  /** As axios' own dispatch does. */
  #resolve(config: InternalAxiosRequestConfig): AxiosAdapter {
    const adapter = this.#adapter || axios.defaults.adapter;
    return typeof adapter === 'function' ? adapter : getAdapter(adapter, config);
  }
}
