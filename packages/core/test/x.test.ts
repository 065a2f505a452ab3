import nock from 'nock';
import * as o from 'oauth4webapi';

test('x', () => {
  expect(typeof o.ClientSecretPost).toBe('function');
  expect(nock).toBeDefined();
});
