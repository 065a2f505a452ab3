// For runtimes that run a module with a fetch handler: workerd.
import { doMainJob } from './job.mjs';

export default {
  async fetch(request) {
    const control = new URL(request.url).searchParams.get('control');
    return Response.json(await doMainJob(control, ['axios, http adapter']));
  },
};
