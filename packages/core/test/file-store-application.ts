// An application over the file store, in a process of its own. Started by file-store-processes.test.ts.
import { fileTokenStore } from '@open-banking-auth/core/node';
import { runApplications } from '@open-banking-auth/test-kit/application';

/** Where its tokens are. */
export interface FilePlace {
  readonly directory: string;
}

runApplications<FilePlace>(async (place, clock) => ({ store: fileTokenStore(place, { clock }) }));
