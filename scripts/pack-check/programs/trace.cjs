// Run with --enable-source-maps: the frames of an error must be lines of the TypeScript in the tarball.
const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');

async function main() {
  const traces = [];
  for (const core of [require('@open-banking-auth/core'), await import('@open-banking-auth/core')]) {
    try {
      core.createTokenSource({ clientId: 1 });
    } catch ({ stack }) {
      traces.push(stack);
    }
  }
  assert.equal(traces.length, 2);
  for (const trace of traces) {
    const frame = /\(?((?:\/|[A-Z]:)\S*[/\\]core[/\\]src[/\\]token-source\.ts):(\d+):\d+/.exec(trace);
    assert.ok(frame, trace);
    const [, file, line] = frame;
    assert.match(readFileSync(file, 'utf8').split('\n')[line - 1], /[Pp]arse|[Cc]onfig|[Ss]ettings/);
  }
}

void main();
