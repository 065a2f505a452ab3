// An application over the file store, in a process of its own. Started by file-store-processes.test.ts.
import { fileTokenStore } from '@open-banking-auth/core/node';
import { runApplications } from '@open-banking-auth/test-kit/application';

runApplications<string>(async (directory, clock) => ({ store: fileTokenStore({ directory }, { clock }) }));
